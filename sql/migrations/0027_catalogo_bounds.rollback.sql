DROP FUNCTION catalogo_bounds(bigint);
