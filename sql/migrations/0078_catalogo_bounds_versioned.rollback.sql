DROP FUNCTION catalogo_bounds_versioned(bigint);
