-- Before, since afterwards nobody knows which entries there were. TRUNCATE of the parent fires it on every child.
CREATE FUNCTION queue_truncated_entries()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_RELID = 'public.catalogo'::regclass THEN
        INSERT INTO catalogo_change_queue (catalogo_id) SELECT id FROM catalogo;
    ELSE
        EXECUTE format(
            'INSERT INTO public.catalogo_change_queue (catalogo_id) SELECT DISTINCT catalogo_id FROM %s', TG_RELID::regclass
        );
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION queue_truncated_entries() IS
'Trigger before TRUNCATE of catalogo or of a partition: appends every entry that had a row in it to the queue';

CREATE TRIGGER catalogo_queue_truncated
BEFORE TRUNCATE ON catalogo
FOR EACH STATEMENT EXECUTE FUNCTION queue_truncated_entries();

-- Triggers of statements are not inherited: whoever makes a partition gives it this one.
DO $$
DECLARE
    v_child regclass;
BEGIN
    FOR v_child IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'public.catalogo_geometrias_particionada'::regclass LOOP
        EXECUTE format(
            'CREATE TRIGGER queue_truncated BEFORE TRUNCATE ON %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION queue_truncated_entries()',
            v_child
        );
    END LOOP;
END
$$;
