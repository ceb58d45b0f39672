DROP FUNCTION catalogo_search_text(text);
