DROP FUNCTION populate_bounds_cache();
