DROP TABLE catalogo_origem;
