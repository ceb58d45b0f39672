-- One row of the queue per entry and statement, whatever the number of rows. Whoever may write the tables need not have
-- rights on the queue.
CREATE FUNCTION queue_changed_entries()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    CASE TG_OP || ' ' || TG_TABLE_NAME
        WHEN 'INSERT catalogo_geometrias_particionada' THEN
            INSERT INTO catalogo_change_queue (catalogo_id) SELECT DISTINCT catalogo_id FROM new_rows;
        WHEN 'UPDATE catalogo_geometrias_particionada' THEN
            INSERT INTO catalogo_change_queue (catalogo_id)
            SELECT catalogo_id FROM new_rows UNION SELECT catalogo_id FROM old_rows;
        WHEN 'DELETE catalogo_geometrias_particionada' THEN
            INSERT INTO catalogo_change_queue (catalogo_id) SELECT DISTINCT catalogo_id FROM old_rows;
        WHEN 'INSERT catalogo' THEN
            INSERT INTO catalogo_change_queue (catalogo_id) SELECT id FROM new_rows;
        WHEN 'UPDATE catalogo' THEN
            INSERT INTO catalogo_change_queue (catalogo_id) SELECT id FROM new_rows UNION SELECT id FROM old_rows;
        WHEN 'DELETE catalogo' THEN
            INSERT INTO catalogo_change_queue (catalogo_id) SELECT id FROM old_rows;
    END CASE;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION queue_changed_entries() IS
'Trigger after each statement on catalogo or its geometries: appends the entries that the statement touched to the queue';

CREATE TRIGGER catalogo_geometrias_queue_inserted
AFTER INSERT ON catalogo_geometrias_particionada
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_changed_entries();

CREATE TRIGGER catalogo_geometrias_queue_updated
AFTER UPDATE ON catalogo_geometrias_particionada
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_changed_entries();

CREATE TRIGGER catalogo_geometrias_queue_deleted
AFTER DELETE ON catalogo_geometrias_particionada
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_changed_entries();

CREATE TRIGGER catalogo_queue_inserted
AFTER INSERT ON catalogo
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_changed_entries();

CREATE TRIGGER catalogo_queue_updated
AFTER UPDATE ON catalogo
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_changed_entries();

CREATE TRIGGER catalogo_queue_deleted
AFTER DELETE ON catalogo
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_changed_entries();

-- What was there before the queue.
INSERT INTO catalogo_change_queue (catalogo_id) SELECT id FROM catalogo;
