-- The fold comes first, in a block of its own: what it did stays when the refresh fails. While the queue is empty it
-- takes no lock, so a refresh that follows the fold job at once keeps nobody from folding.
CREATE OR REPLACE FUNCTION refresh_materialized_view(p_view text)
RETURNS mv_refresh_log
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET jit = off
AS $$
DECLARE
    v_log mv_refresh_log;
BEGIN
    IF p_view IS NULL OR p_view NOT IN ('mv_catalogo_geometrias_stats', 'mv_catalogo_search_indexed') THEN
        RAISE EXCEPTION 'no view % to refresh', quote_nullable(p_view)
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'mv_catalogo_geometrias_stats or mv_catalogo_search_indexed';
    END IF;
    INSERT INTO mv_refresh_log (view_name) VALUES (p_view) RETURNING * INTO v_log;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('mundo.refresh.' || p_view, 0)) THEN
        UPDATE mv_refresh_log SET outcome = 'skipped', finished_at = clock_timestamp()
        WHERE id = v_log.id
        RETURNING * INTO v_log;
        RETURN v_log;
    END IF;
    BEGIN
        PERFORM fold_catalogo_changes(NULL, TRUE);
    EXCEPTION
        WHEN query_canceled OR OTHERS THEN
            v_log.outcome := 'failed';
            v_log.error_text := 'changes were not folded: ' || sqlerrm;
    END;
    IF v_log.outcome = 'running' THEN
        BEGIN
            EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY public.%I', p_view);
            EXECUTE format('SELECT count(*) FROM public.%I', p_view) INTO v_log.row_count;
            v_log.outcome := 'success';
        EXCEPTION
            WHEN query_canceled OR OTHERS THEN
                v_log.outcome := 'failed';
                v_log.error_text := sqlerrm;
        END;
    END IF;
    UPDATE mv_refresh_log
    SET outcome = v_log.outcome, row_count = v_log.row_count, error_text = v_log.error_text,
        finished_at = clock_timestamp()
    WHERE id = v_log.id
    RETURNING * INTO v_log;
    RETURN v_log;
END
$$;

COMMENT ON FUNCTION refresh_materialized_view(text) IS
'Folds what is queued, refreshes one of the two views without blocking its readers and gives its row of mv_refresh_log:
success, failed (with the error, which is not raised) or skipped (another refresh of it was at work)';
