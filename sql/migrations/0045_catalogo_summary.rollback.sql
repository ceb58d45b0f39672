DROP TABLE catalogo_summary;
