DROP FUNCTION drain_default_partition(integer, integer);
