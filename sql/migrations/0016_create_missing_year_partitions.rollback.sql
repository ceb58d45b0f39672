DROP FUNCTION create_missing_year_partitions(integer, integer);
