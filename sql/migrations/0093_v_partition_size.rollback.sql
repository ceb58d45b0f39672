DROP VIEW v_partition_size;
