DROP FUNCTION catalogo_search_estimate(tsquery[], text, boolean);
