DROP VIEW v_backup_status;
