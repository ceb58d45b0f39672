DROP VIEW v_import_status;
