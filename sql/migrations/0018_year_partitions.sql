-- The years of the plan, at once.
DO $$
DECLARE
    v_failed text;
BEGIN
    SELECT string_agg(made.partition_name, ', ') INTO v_failed
    FROM create_missing_year_partitions(2026, 2035) AS made
    WHERE made.action = 'failed';
    IF v_failed IS NOT NULL THEN
        RAISE EXCEPTION 'these partitions could not be made: %', v_failed;
    END IF;
END
$$;
