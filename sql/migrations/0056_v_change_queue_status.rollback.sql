DROP VIEW v_change_queue_status;
