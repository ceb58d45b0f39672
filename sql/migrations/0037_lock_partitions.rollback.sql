DROP FUNCTION lock_partitions(boolean);
