-- Whatever reads the whole year is done before the locks: nobody writes an archived year. The CHECK proves to ATTACH what it
-- would read the table for.
CREATE FUNCTION reattach_partition(p_year integer)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET enable_seqscan = off
SET lock_timeout = '100ms'
AS $$
DECLARE
    c_attempts CONSTANT integer := 20;
    v_started timestamptz := clock_timestamp();
    v_name text := 'catalogo_geometrias_' || to_char(p_year, 'FM0000');
    v_from timestamptz;
    v_to timestamptz;
    v_rows bigint;
    v_moved bigint;
BEGIN
    IF to_regclass('archive.' || v_name) IS NULL THEN
        RAISE EXCEPTION 'schema archive has no partition of the year %', coalesce(p_year::text, 'NULL')
            USING ERRCODE = 'undefined_table';
    END IF;
    v_from := make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC');
    v_to := make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC');
    PERFORM pg_advisory_xact_lock(hashtextextended('mundo.partitions', 0));
    FOR v_attempt IN 1..c_attempts LOOP
        BEGIN
            EXECUTE format('LOCK TABLE archive.%I IN ACCESS EXCLUSIVE MODE', v_name);
            EXECUTE format(
                'ALTER TABLE archive.%I ADD CONSTRAINT one_year CHECK (created_at >= %L AND created_at < %L)',
                v_name, v_from, v_to
            );
            EXECUTE format('SELECT count(*) FROM archive.%I', v_name) INTO v_rows;
            EXECUTE format(
                'INSERT INTO public.catalogo_change_queue (catalogo_id) SELECT DISTINCT catalogo_id FROM archive.%I', v_name
            );
            PERFORM lock_partitions(p_exclusively => TRUE);
            EXECUTE format('ALTER TABLE archive.%I SET SCHEMA public', v_name);
            EXECUTE format(
                'WITH moved AS (
                    DELETE FROM public.catalogo_geometrias_default WHERE created_at >= $1 AND created_at < $2 RETURNING *
                )
                INSERT INTO public.%I SELECT * FROM moved',
                v_name
            ) USING v_from, v_to;
            GET DIAGNOSTICS v_moved = ROW_COUNT;
            EXECUTE format(
                'ALTER TABLE public.catalogo_geometrias_particionada'
                ' ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                v_name, v_from, v_to
            );
            EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT one_year', v_name);
            EXIT;
        EXCEPTION
            WHEN lock_not_available OR deadlock_detected THEN
                IF v_attempt = c_attempts THEN
                    RAISE;
                END IF;
        END;
        PERFORM pg_sleep(0.2 + 0.2 * random());
    END LOOP;
    INSERT INTO partition_maintenance_log (
        started_at, action, outcome, partition_name, range_from, range_to, rows_moved, message
    ) VALUES (
        v_started, 'reattach', 'success', v_name, v_from, v_to, v_moved, v_rows || ' rows from schema archive'
    );
    RETURN v_rows + v_moved;
END
$$;

COMMENT ON FUNCTION reattach_partition(integer) IS
'Brings a year back that detach_old_partitions() put into schema archive, moves the rows of that year in DEFAULT into it,
queues its entries for recomputation and gives the number of its rows. Raises when there is none, or when the locks are not
to be had in 20 tries of 100 ms. While retention runs, it is taken out again by the next run: lengthen that first';
