DROP FUNCTION add_year_partition(integer);
