DROP FUNCTION fold_catalogo_changes(integer, boolean);
