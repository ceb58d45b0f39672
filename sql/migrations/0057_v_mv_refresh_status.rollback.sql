DROP VIEW v_mv_refresh_status;

CREATE VIEW v_mv_refresh_status AS
SELECT
    known.view_name,
    success.started_at AS last_success_at,
    extract(EPOCH FROM now() - success.started_at)::double precision AS age_seconds,
    success.duration_ms AS last_success_duration_ms,
    success.row_count,
    latest.started_at AS last_run_at,
    latest.outcome AS last_outcome,
    latest.error_text AS last_error,
    recent.runs AS runs_24h,
    recent.failures AS failures_24h
FROM (VALUES ('mv_catalogo_geometrias_stats'), ('mv_catalogo_search_indexed')) AS known (view_name)
LEFT JOIN LATERAL (
    SELECT
        run.started_at,
        run.duration_ms,
        run.row_count
    FROM mv_refresh_log AS run
    WHERE run.view_name = known.view_name AND run.outcome = 'success'
    ORDER BY run.started_at DESC
    LIMIT 1
) AS success ON true
LEFT JOIN LATERAL (
    SELECT
        run.started_at,
        run.outcome,
        run.error_text
    FROM mv_refresh_log AS run
    WHERE run.view_name = known.view_name
    ORDER BY run.started_at DESC
    LIMIT 1
) AS latest ON true
CROSS JOIN LATERAL (
    SELECT
        count(*) AS runs,
        count(*) FILTER (WHERE run.outcome = 'failed') AS failures
    FROM mv_refresh_log AS run
    WHERE run.view_name = known.view_name AND run.started_at > now() - interval '24 hours'
) AS recent;

COMMENT ON VIEW v_mv_refresh_status IS 'How fresh each materialized view is, one row per view, also before its first refresh';

COMMENT ON COLUMN v_mv_refresh_status.view_name IS 'The materialized view';

COMMENT ON COLUMN v_mv_refresh_status.last_success_at IS 'Start of its last refresh that succeeded, or NULL';

COMMENT ON COLUMN v_mv_refresh_status.age_seconds IS 'Seconds since then: the age of what readers see';

COMMENT ON COLUMN v_mv_refresh_status.last_success_duration_ms IS 'How long that refresh took, milliseconds';

COMMENT ON COLUMN v_mv_refresh_status.row_count IS 'Rows in the view after it';

COMMENT ON COLUMN v_mv_refresh_status.last_run_at IS 'Start of the last attempt, whatever its outcome';

COMMENT ON COLUMN v_mv_refresh_status.last_outcome IS 'Outcome of the last attempt';

COMMENT ON COLUMN v_mv_refresh_status.last_error IS 'Error of the last attempt, or NULL';

COMMENT ON COLUMN v_mv_refresh_status.runs_24h IS 'Attempts in the last 24 hours';

COMMENT ON COLUMN v_mv_refresh_status.failures_24h IS 'Failed attempts in the last 24 hours';

GRANT SELECT ON v_mv_refresh_status TO mundo_app, mundo_exporter;
