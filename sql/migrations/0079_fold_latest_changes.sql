-- A change of one entry does not wait for a change of a million that came before it: new rows are put at the end of the
-- queue, or where a vacuum has made room, which the ordinary fold comes to first. So both ends are folded in turn while
-- the queue is long. Rows are found by their place, without an index. What makes it right is the same order as in
-- fold_catalogo_changes(): rows leave, then entries are read.
CREATE FUNCTION fold_latest_changes(p_limit integer DEFAULT 500)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    c_short CONSTANT bigint := 256 * 1024;
    c_pages CONSTANT bigint := 4;
    v_size bigint := pg_relation_size('public.catalogo_change_queue');
    v_from tid;
    v_ids bigint[];
BEGIN
    IF p_limit IS NULL OR p_limit < 1 THEN
        RAISE EXCEPTION 'p_limit is %, allowed is 1 or more', coalesce(p_limit::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF v_size <= c_short THEN
        RETURN 0;
    END IF;
    v_from := format('(%s,0)', v_size / current_setting('block_size')::bigint - c_pages)::tid;
    IF NOT EXISTS (SELECT FROM catalogo_change_queue AS queued WHERE queued.ctid >= v_from)
        OR NOT pg_try_advisory_xact_lock(hashtextextended('mundo.fold', 0))
    THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM catalogo_change_queue
        WHERE ctid = ANY (ARRAY(
            SELECT queued.ctid FROM catalogo_change_queue AS queued
            WHERE queued.ctid >= v_from
            ORDER BY queued.ctid DESC
            LIMIT p_limit
        ))
        RETURNING catalogo_id
    )
    SELECT coalesce(array_agg(DISTINCT taken.catalogo_id), '{}') INTO v_ids FROM taken;
    PERFORM recompute_catalogo_summary(v_ids);
    RETURN cardinality(v_ids);
END
$$;

COMMENT ON FUNCTION fold_latest_changes(integer) IS
'While catalogo_change_queue is long: folds up to p_limit of its last rows, as fold_catalogo_changes() does with its first,
and gives the number of entries. 0: the queue is short, its end is empty, or another fold is at work';

GRANT EXECUTE ON FUNCTION fold_latest_changes(integer) TO mundo_app;
