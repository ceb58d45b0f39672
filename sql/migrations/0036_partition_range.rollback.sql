DROP FUNCTION year_partition(integer);

DROP FUNCTION partition_range(regclass);
