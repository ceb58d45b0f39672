CREATE OR REPLACE FUNCTION create_missing_year_partitions(p_first_year integer, p_last_year integer)
RETURNS TABLE (partition_year integer, partition_name text, action text, rows_moved bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    c_attempts CONSTANT integer := 50;
    v_started timestamptz;
    v_error text;
BEGIN
    IF p_first_year IS NULL OR p_last_year IS NULL OR p_first_year NOT BETWEEN 1900 AND 2200
        OR p_last_year NOT BETWEEN 1900 AND 2200 OR p_first_year > p_last_year
    THEN
        RAISE EXCEPTION 'years % to % are not a range within 1900 to 2200', p_first_year, p_last_year
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('mundo.partitions', 0));
    FOR v_year IN p_first_year..p_last_year LOOP
        partition_year := v_year;
        partition_name := 'catalogo_geometrias_' || to_char(partition_year, 'FM0000');
        rows_moved := 0;
        v_started := clock_timestamp();
        IF EXISTS (
            SELECT FROM pg_inherits
            WHERE inhparent = 'public.catalogo_geometrias_particionada'::regclass
                AND inhrelid = to_regclass('public.' || partition_name)
        ) THEN
            action := 'exists';
            RETURN NEXT;
            CONTINUE;
        END IF;
        FOR v_attempt IN 1..c_attempts LOOP
            BEGIN
                rows_moved := add_year_partition(partition_year);
                action := 'created';
                v_error := NULL;
                EXIT;
            EXCEPTION
                WHEN lock_not_available OR deadlock_detected THEN
                    action := 'failed';
                    v_error := format('no lock after %s attempts: %s', v_attempt, sqlerrm);
                    PERFORM pg_sleep(0.05 + 0.1 * random());
                WHEN OTHERS THEN
                    action := 'failed';
                    v_error := sqlerrm;
                    EXIT;
            END;
        END LOOP;
        INSERT INTO partition_maintenance_log (
            started_at, action, outcome, partition_name, range_from, range_to, rows_moved, message
        ) VALUES (
            v_started,
            'create',
            CASE action WHEN 'created' THEN 'success' ELSE 'failed' END,
            create_missing_year_partitions.partition_name,
            make_timestamptz(partition_year, 1, 1, 0, 0, 0, 'UTC'),
            make_timestamptz(partition_year + 1, 1, 1, 0, 0, 0, 'UTC'),
            create_missing_year_partitions.rows_moved,
            v_error
        );
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION create_missing_year_partitions(integer, integer) IS
'Makes each year''s partition that is missing in the range, both years included (1900 to 2200), one run at a time.
One row per year: exists, created (with the rows moved out of DEFAULT) or failed; what is made or fails is logged';

DROP FUNCTION make_year_partitions(integer[], text, integer, bigint);
