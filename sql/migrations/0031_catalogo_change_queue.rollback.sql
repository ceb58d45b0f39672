DROP TABLE catalogo_change_queue;
