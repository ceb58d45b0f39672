DROP TABLE catalogo_bounds_changes;
