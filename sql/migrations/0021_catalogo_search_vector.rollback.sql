DROP FUNCTION catalogo_search_vector(text, text, text);
