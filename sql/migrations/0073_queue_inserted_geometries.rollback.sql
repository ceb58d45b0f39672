DROP TRIGGER catalogo_geometrias_queue_inserted ON catalogo_geometrias_particionada;

DROP FUNCTION queue_inserted_geometries();

CREATE TRIGGER catalogo_geometrias_queue_inserted
AFTER INSERT ON catalogo_geometrias_particionada
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_changed_entries();
