DROP FUNCTION catalogo_search_query(text);
