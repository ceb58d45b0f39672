DROP VIEW v_partition_status;

DROP VIEW v_default_partition_status;

DROP FUNCTION default_partition_status();
