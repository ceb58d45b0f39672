-- DEFAULT itself becomes the year: its rows stay where they are, so the time under lock is that of reading them once (ATTACH
-- checks them), not of writing them again. Only rows of other years are moved, into a new DEFAULT.
-- An older snapshot still finds the moved rows in the table they were in, unless its query names their year.
CREATE FUNCTION swap_default_partition(p_year integer)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET enable_seqscan = off
SET lock_timeout = '100ms'
AS $$
DECLARE
    v_name text := 'catalogo_geometrias_' || to_char(p_year, 'FM0000');
    v_from timestamptz := make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC');
    v_to timestamptz := make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC');
    v_moved bigint;
    v_statement text;
BEGIN
    CREATE TABLE public.catalogo_geometrias_default_new (
        LIKE public.catalogo_geometrias_particionada INCLUDING ALL EXCLUDING IDENTITY EXCLUDING COMMENTS
    );
    CREATE TRIGGER queue_truncated BEFORE TRUNCATE ON public.catalogo_geometrias_default_new
    FOR EACH STATEMENT EXECUTE FUNCTION public.queue_truncated_entries();
    COMMENT ON TABLE public.catalogo_geometrias_default_new IS 'Rows of years that have no partition of their own';
    PERFORM lock_partitions(p_exclusively => TRUE);
    ALTER TABLE public.catalogo_geometrias_particionada DETACH PARTITION public.catalogo_geometrias_default;
    EXECUTE format('ALTER TABLE public.catalogo_geometrias_default RENAME TO %I', v_name);
    ALTER TABLE public.catalogo_geometrias_default_new RENAME TO catalogo_geometrias_default;
    -- Names of indexes and comments of columns as a partition has them that was made in the ordinary way.
    FOR v_statement IN
        SELECT format(
            'ALTER INDEX public.%I RENAME TO %I',
            own.relname,
            renamed.prefix || substr(own.relname, length(renamed.former) + 1)
        )
        FROM (
            VALUES
                (1, v_name, 'catalogo_geometrias_default', v_name),
                (2, 'catalogo_geometrias_default', 'catalogo_geometrias_default_new', 'catalogo_geometrias_default')
        ) AS renamed (place, owner, former, prefix)
        INNER JOIN pg_index ON pg_index.indrelid = to_regclass('public.' || renamed.owner)
        INNER JOIN pg_class AS own ON own.oid = pg_index.indexrelid
        WHERE starts_with(own.relname, renamed.former)
        ORDER BY renamed.place
    LOOP
        EXECUTE v_statement;
    END LOOP;
    FOR v_statement IN
        SELECT format('COMMENT ON COLUMN public.%I.%I IS %L', v_name, attname, col_description(attrelid, attnum))
        FROM pg_attribute
        WHERE attrelid = 'public.catalogo_geometrias_particionada'::regclass AND attnum > 0 AND NOT attisdropped
    LOOP
        EXECUTE v_statement;
    END LOOP;
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', v_name, 'Geometries created in ' || p_year || ' (UTC)');
    EXECUTE format(
        'WITH moved AS (DELETE FROM public.%I WHERE created_at < $1 OR created_at >= $2 RETURNING *)
        INSERT INTO public.catalogo_geometrias_default SELECT * FROM moved',
        v_name
    ) USING v_from, v_to;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    EXECUTE format(
        'ALTER TABLE public.catalogo_geometrias_particionada ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        v_name, v_from, v_to
    );
    ALTER TABLE public.catalogo_geometrias_particionada ATTACH PARTITION public.catalogo_geometrias_default DEFAULT;
    RETURN v_moved;
END
$$;

COMMENT ON FUNCTION swap_default_partition(integer) IS
'Turns the DEFAULT partition into that of one year (UTC bounds), makes a new DEFAULT, moves rows of all other years into it
and gives their number; gives up after 100 ms of waiting for locks. Called by make_year_partitions()';
