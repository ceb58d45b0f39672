DROP FUNCTION learn_catalogo_palavras(text[]);
