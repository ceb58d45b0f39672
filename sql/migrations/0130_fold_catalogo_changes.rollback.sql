CREATE OR REPLACE FUNCTION fold_catalogo_changes(p_limit integer DEFAULT 10000, p_wait boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    c_lock CONSTANT bigint := hashtextextended('mundo.fold', 0);
    c_portion CONSTANT integer := 10000;
    v_ids bigint[];
BEGIN
    IF p_limit < 1 THEN
        RAISE EXCEPTION 'p_limit is %, allowed is 1 or more', p_limit
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Nothing is written, not even a transaction id taken, while there is nothing to do.
    IF NOT EXISTS (SELECT FROM catalogo_change_queue) THEN
        RETURN 0;
    END IF;
    IF p_wait THEN
        PERFORM pg_advisory_xact_lock(c_lock);
    ELSIF NOT pg_try_advisory_xact_lock(c_lock) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM catalogo_change_queue
        WHERE ctid = ANY (ARRAY(SELECT queued.ctid FROM catalogo_change_queue AS queued LIMIT p_limit))
        RETURNING catalogo_id
    )

    SELECT coalesce(array_agg(DISTINCT taken.catalogo_id), '{}') INTO v_ids FROM taken;
    FOR v_first IN 1..cardinality(v_ids) BY c_portion LOOP
        PERFORM recompute_catalogo_summary(v_ids[v_first:v_first + c_portion - 1]);
    END LOOP;
    RETURN cardinality(v_ids);
END
$$;

COMMENT ON FUNCTION fold_catalogo_changes(integer, boolean) IS
'Takes up to p_limit rows (NULL: all) from catalogo_change_queue, brings their entries up to date in catalogo_summary
and gives the number of entries. 0: nothing was queued, or another fold is at work (p_wait: wait for it instead). Run each second by
pg_cron';
