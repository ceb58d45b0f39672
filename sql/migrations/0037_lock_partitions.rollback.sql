DROP FUNCTION lock_partitions();
