-- A plain DETACH: CONCURRENTLY is refused beside a DEFAULT partition. The slow part, reading which entries lose rows, comes
-- first, under a lock that stops only writers of those old years.
CREATE FUNCTION detach_old_partitions(p_keep_years integer, p_dry_run boolean DEFAULT TRUE)
RETURNS TABLE (
    partition_name text, partition_year integer, range_from timestamptz, range_to timestamptz, row_count bigint, action text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '100ms'
AS $$
DECLARE
    c_attempts CONSTANT integer := 20;
    v_started timestamptz := clock_timestamp();
    v_names text[];
    v_ranges tstzrange[];
    v_counts bigint[];
    v_dry_run boolean := coalesce(p_dry_run, TRUE);
    v_name text;
    v_error text;
BEGIN
    IF p_keep_years IS NULL OR p_keep_years NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'keep_years is %, allowed is 1 to 1000', coalesce(p_keep_years::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT v_dry_run THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('mundo.partitions', 0));
    END IF;
    SELECT array_agg(old.name ORDER BY old.bounds), array_agg(old.bounds ORDER BY old.bounds)
    INTO v_names, v_ranges
    FROM (
        SELECT child.relname AS name, partition_range(child.oid) AS bounds
        FROM pg_inherits
        INNER JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
        WHERE pg_inherits.inhparent = 'public.catalogo_geometrias_particionada'::regclass
    ) AS old
    WHERE upper(old.bounds) <= now() - make_interval(years => p_keep_years);

    FOR v_attempt IN 1..CASE WHEN v_dry_run OR v_names IS NULL THEN 0 ELSE c_attempts END LOOP
        BEGIN
            v_error := NULL;
            v_counts := '{}';
            FOREACH v_name IN ARRAY v_names LOOP
                EXECUTE format('LOCK TABLE public.%I IN SHARE MODE', v_name);
                EXECUTE format(
                    'INSERT INTO public.catalogo_change_queue (catalogo_id) SELECT DISTINCT catalogo_id FROM public.%I', v_name
                );
                EXECUTE format('SELECT count(*) FROM public.%I', v_name) INTO row_count;
                v_counts := v_counts || row_count;
            END LOOP;
            PERFORM lock_partitions();
            FOREACH v_name IN ARRAY v_names LOOP
                EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', v_name);
                EXECUTE format('ALTER TABLE public.catalogo_geometrias_particionada DETACH PARTITION public.%I', v_name);
                EXECUTE format('ALTER TABLE public.%I SET SCHEMA archive', v_name);
            END LOOP;
            EXIT;
        EXCEPTION
            WHEN lock_not_available OR deadlock_detected THEN
                v_error := format('no lock after %s attempts: %s', v_attempt, sqlerrm);
            WHEN OTHERS THEN
                v_error := sqlerrm;
                EXIT;
        END;
        IF v_attempt < c_attempts THEN
            PERFORM pg_sleep(0.2 + 0.2 * random());
        END IF;
    END LOOP;

    FOR v_at IN 1..coalesce(cardinality(v_names), 0) LOOP
        partition_name := v_names[v_at];
        range_from := lower(v_ranges[v_at]);
        range_to := upper(v_ranges[v_at]);
        partition_year := extract(YEAR FROM range_from);
        action := CASE WHEN v_dry_run THEN 'would detach' WHEN v_error IS NULL THEN 'detached' ELSE 'failed' END;
        IF action = 'detached' THEN
            row_count := v_counts[v_at];
        ELSE
            EXECUTE format('SELECT count(*) FROM public.%I', partition_name) INTO row_count;
        END IF;
        IF NOT v_dry_run THEN
            INSERT INTO partition_maintenance_log AS log (
                started_at, action, outcome, partition_name, range_from, range_to, message
            ) VALUES (
                v_started,
                'detach',
                CASE WHEN v_error IS NULL THEN 'success' ELSE 'failed' END,
                detach_old_partitions.partition_name,
                detach_old_partitions.range_from,
                detach_old_partitions.range_to,
                coalesce(v_error, row_count || ' rows to schema archive')
            );
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION detach_old_partitions(integer, boolean) IS
'Takes every partition whose last instant is p_keep_years (1 to 1000) years old or older out of the table, all of them or
none, into schema archive under its own name, and queues its entries for recomputation; nothing is dropped. One row per
partition: would detach (the default, a dry run), detached or failed (the reason is logged). Gives up waiting for locks after
100 ms and tries up to 20 times. A row of such a year that comes later stays in DEFAULT; reattach_partition() brings a year
back, with those rows';
