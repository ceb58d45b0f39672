CREATE OR REPLACE FUNCTION add_year_partition(p_year integer)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '100ms'
AS $$
DECLARE
    v_name text := 'catalogo_geometrias_' || to_char(p_year, 'FM0000');
    v_from timestamptz := make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC');
    v_to timestamptz := make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC');
    v_moved bigint;
BEGIN
    LOCK TABLE catalogo IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE ONLY catalogo_geometrias_particionada IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.catalogo_geometrias_particionada INCLUDING ALL EXCLUDING IDENTITY)',
        v_name
    );
    EXECUTE format(
        'WITH moved AS (
            DELETE FROM public.catalogo_geometrias_default WHERE created_at >= $1 AND created_at < $2 RETURNING *
        )
        INSERT INTO public.%I SELECT * FROM moved',
        v_name
    ) USING v_from, v_to;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    EXECUTE format(
        'ALTER TABLE public.catalogo_geometrias_particionada ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        v_name, v_from, v_to
    );
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', v_name, 'Geometries created in ' || p_year || ' (UTC)');
    RETURN v_moved;
END
$$;

COMMENT ON FUNCTION add_year_partition(integer) IS
'Makes the partition of one year (UTC bounds), moves that year''s rows out of the DEFAULT partition and gives their
number; gives up after 100 ms of waiting for a lock. Called by create_missing_year_partitions()';
