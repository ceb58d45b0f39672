DROP FUNCTION mapa_tile(integer, integer, integer, text[]);
