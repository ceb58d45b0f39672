DROP FUNCTION detach_old_partitions(integer, boolean);
