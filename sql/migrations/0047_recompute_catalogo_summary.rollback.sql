DROP FUNCTION recompute_catalogo_summary(bigint[], boolean);
