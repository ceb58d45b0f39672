DROP FUNCTION swap_default_partition(integer);
