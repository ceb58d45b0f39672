CREATE OR REPLACE FUNCTION check_mv_refresh_health(p_max_age interval DEFAULT interval '2 hours')
RETURNS TABLE (view_name text, healthy boolean, reason text, last_success_at timestamptz, age_seconds double precision)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT
        status.view_name,
        coalesce(status.age_seconds <= extract(EPOCH FROM p_max_age), false) AS healthy,
        CASE
            WHEN status.last_run_at IS NULL THEN 'never refreshed'
            WHEN status.last_success_at IS NULL THEN 'never refreshed with success; last error: '
                || coalesce(status.last_error, 'none')
            WHEN status.age_seconds > extract(EPOCH FROM p_max_age) THEN
                format('last success %s s ago, allowed %s s', round(status.age_seconds), extract(EPOCH FROM p_max_age)::bigint)
                || coalesce('; last error: ' || status.last_error, '')
            ELSE 'fresh'
        END AS reason,
        status.last_success_at,
        status.age_seconds
    FROM v_mv_refresh_status AS status
    ORDER BY status.view_name
$$;

COMMENT ON FUNCTION check_mv_refresh_health(interval) IS
'Whether each materialized view was refreshed with success within p_max_age, and why not; one that never ran is not healthy';
