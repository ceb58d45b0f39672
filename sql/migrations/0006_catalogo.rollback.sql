DROP TABLE catalogo;
