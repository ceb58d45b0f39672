-- Freshness decides; the rest says why. A refresh that was killed left no row, and a scheduler that is dead makes none:
-- both show as age, and the heartbeat tells them apart.
CREATE OR REPLACE FUNCTION check_mv_refresh_health(p_max_age interval DEFAULT interval '2 hours')
RETURNS TABLE (view_name text, healthy boolean, reason text, last_success_at timestamptz, age_seconds double precision)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH judged AS (
        SELECT
            status.*,
            extract(EPOCH FROM p_max_age) AS allowed,
            coalesce(status.age_seconds <= extract(EPOCH FROM p_max_age), FALSE) AS is_fresh,
            coalesce(
                status.failures_since_success || ' failed since, last error: ' || (
                    SELECT run.error_text
                    FROM mv_refresh_log AS run
                    WHERE run.view_name = status.view_name AND run.outcome = 'failed'
                    ORDER BY run.started_at DESC
                    LIMIT 1
                ),
                status.failures_since_success || ' failed since'
            ) AS failures,
            (
                SELECT format('; the scheduler has been silent for %s s', round(heart.age_seconds))
                FROM v_cron_heartbeat AS heart
                WHERE heart.age_seconds > 300
            ) AS silence
        FROM v_mv_refresh_status AS status
    )

    SELECT
        judged.view_name,
        judged.is_fresh,
        CASE
            WHEN judged.last_run_at IS NULL THEN 'never refreshed' || coalesce(judged.silence, '')
            WHEN judged.last_success_at IS NULL THEN 'never refreshed with success: ' || judged.failures
                || coalesce(judged.silence, '')
            WHEN NOT judged.is_fresh THEN
                format('last success %s s ago, allowed %s s: ', round(judged.age_seconds), round(judged.allowed))
                || CASE judged.failures_since_success WHEN 0 THEN 'no run finished since' ELSE judged.failures END
                || coalesce(judged.silence, '')
            WHEN judged.failures_since_success > 0 THEN 'fresh; ' || judged.failures
            ELSE 'fresh'
        END,
        judged.last_success_at,
        judged.age_seconds
    FROM judged
    ORDER BY judged.view_name
$$;

COMMENT ON FUNCTION check_mv_refresh_health(interval) IS
'Whether each materialized view was refreshed with success within p_max_age, and why not: failures, runs that did not
take place, a silent scheduler. One that never ran is not healthy';
