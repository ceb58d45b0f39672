DROP TABLE catalogo_palavras;
