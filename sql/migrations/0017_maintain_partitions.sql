CREATE FUNCTION maintain_partitions(years_ahead integer DEFAULT 9)
RETURNS TABLE (partition_year integer, partition_name text, action text, rows_moved bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    c_first_year CONSTANT integer := 2026;
    v_started timestamptz := clock_timestamp();
    v_year integer := extract(YEAR FROM now());
    v_created bigint := 0;
    v_failed bigint := 0;
BEGIN
    IF years_ahead IS NULL OR years_ahead NOT BETWEEN 1 AND 50 THEN
        RAISE EXCEPTION 'years_ahead is %, allowed is 1 to 50', years_ahead
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('mundo.partitions', 0)) THEN
        INSERT INTO partition_maintenance_log (started_at, action, outcome, message)
        VALUES (v_started, 'maintain', 'skipped', 'another run is at work');
        RETURN;
    END IF;
    FOR partition_year, partition_name, action, rows_moved IN
        SELECT made.partition_year, made.partition_name, made.action, made.rows_moved
        FROM create_missing_year_partitions(least(c_first_year, v_year), v_year + years_ahead) AS made
        WHERE made.action <> 'exists'
    LOOP
        v_created := v_created + (action = 'created')::integer;
        v_failed := v_failed + (action = 'failed')::integer;
        RETURN NEXT;
    END LOOP;
    INSERT INTO partition_maintenance_log (started_at, action, outcome, message)
    VALUES (
        v_started,
        'maintain',
        CASE WHEN v_failed = 0 THEN 'success' ELSE 'failed' END,
        format('%s to %s: %s created, %s failed', least(c_first_year, v_year), v_year + years_ahead, v_created, v_failed)
    );
END
$$;

COMMENT ON FUNCTION maintain_partitions(integer) IS
'Keeps a partition for every year from 2026 to years_ahead (1 to 50) whole years after the clock''s (UTC): fills gaps,
one run at a time, each run logged. Gives the years it made or failed to make; run daily by pg_cron';
