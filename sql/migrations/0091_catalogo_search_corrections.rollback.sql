DROP FUNCTION catalogo_search_corrections(text);
