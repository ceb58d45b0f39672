DROP TRIGGER catalogo_queue_deleted ON catalogo;

DROP TRIGGER catalogo_queue_updated ON catalogo;

DROP TRIGGER catalogo_queue_inserted ON catalogo;

DROP TRIGGER catalogo_geometrias_queue_deleted ON catalogo_geometrias_particionada;

DROP TRIGGER catalogo_geometrias_queue_updated ON catalogo_geometrias_particionada;

DROP TRIGGER catalogo_geometrias_queue_inserted ON catalogo_geometrias_particionada;

DROP FUNCTION queue_changed_entries();
