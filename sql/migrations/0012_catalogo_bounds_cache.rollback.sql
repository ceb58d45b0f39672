DROP TABLE catalogo_bounds_cache;
