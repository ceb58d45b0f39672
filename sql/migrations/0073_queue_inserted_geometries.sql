-- Ingest lives on this one path: a function of its own, without the CASE over operations and tables, costs a third less
-- of a statement than queue_changed_entries().
CREATE FUNCTION queue_inserted_geometries()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    INSERT INTO catalogo_change_queue (catalogo_id) SELECT DISTINCT catalogo_id FROM new_rows;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION queue_inserted_geometries() IS
'Trigger after each statement that inserts geometries: appends their entries to the queue';

DROP TRIGGER catalogo_geometrias_queue_inserted ON catalogo_geometrias_particionada;

CREATE TRIGGER catalogo_geometrias_queue_inserted
AFTER INSERT ON catalogo_geometrias_particionada
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_inserted_geometries();
