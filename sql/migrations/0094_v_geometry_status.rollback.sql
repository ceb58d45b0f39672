DROP VIEW v_geometry_status;
