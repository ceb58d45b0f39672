DROP FUNCTION reconcile_catalogo_palavras(integer);
