DROP VIEW v_import_queue;
