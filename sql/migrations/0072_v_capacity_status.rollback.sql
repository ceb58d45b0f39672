DROP VIEW v_capacity_status;
