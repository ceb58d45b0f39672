-- Meant to run every few seconds: without work it writes nothing, and it looks at one index entry per year in DEFAULT.
CREATE FUNCTION drain_default_partition(p_first_year integer DEFAULT 1970, p_last_year integer DEFAULT 2100)
RETURNS TABLE (partition_year integer, partition_name text, action text, rows_moved bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    c_attempts CONSTANT integer := 4;
    c_max_years CONSTANT integer := 20;
    c_max_moved CONSTANT bigint := 10000;
    v_from timestamptz := make_timestamptz(p_first_year, 1, 1, 0, 0, 0, 'UTC');
    v_years integer[] := '{}';
    v_year integer;
BEGIN
    IF p_first_year IS NULL OR p_last_year IS NULL OR p_first_year NOT BETWEEN 1900 AND 2200
        OR p_last_year NOT BETWEEN 1900 AND 2200 OR p_first_year > p_last_year
    THEN
        RAISE EXCEPTION 'years % to % are not a range within 1900 to 2200', p_first_year, p_last_year
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('mundo.partitions', 0)) THEN
        RETURN;
    END IF;
    LOOP
        SELECT extract(YEAR FROM min(waiting.created_at)) INTO v_year
        FROM catalogo_geometrias_default AS waiting
        WHERE waiting.created_at >= v_from
            AND waiting.created_at < make_timestamptz(p_last_year + 1, 1, 1, 0, 0, 0, 'UTC');
        EXIT WHEN v_year IS NULL OR cardinality(v_years) >= c_max_years;
        v_from := make_timestamptz(v_year + 1, 1, 1, 0, 0, 0, 'UTC');
        -- What is there already is in schema archive: such rows wait for reattach_partition().
        IF year_partition(v_year) IS NULL THEN
            v_years := v_years || v_year;
        END IF;
    END LOOP;
    RETURN QUERY SELECT made.* FROM make_year_partitions(v_years, 'drain', c_attempts, c_max_moved) AS made;
END
$$;

COMMENT ON FUNCTION drain_default_partition(integer, integer) IS
'Gives every plausible year (p_first_year to p_last_year, both included, within 1900 to 2200) that has rows in DEFAULT its
own partition and moves them there, at most 20 years a run. Rows of other years stay in DEFAULT, and so do rows of a year
that retention put in schema archive. Does nothing while another run is at work, writers wait for it 100 ms at most, up to
four times a run; what cannot be done is logged, the same reason once a minute, and tried again by the next run. One row per
year: created or failed';
