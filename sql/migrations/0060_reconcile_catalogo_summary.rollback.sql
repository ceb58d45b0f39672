DROP FUNCTION reconcile_catalogo_summary(integer);
