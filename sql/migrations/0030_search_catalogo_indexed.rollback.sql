DROP FUNCTION search_catalogo_indexed(text, text, boolean, integer, integer);
