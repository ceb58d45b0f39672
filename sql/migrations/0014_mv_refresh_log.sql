CREATE TABLE mv_refresh_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    view_name text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    duration_ms double precision GENERATED ALWAYS AS (
        extract(EPOCH FROM finished_at - started_at) * 1000
    ) STORED,
    row_count bigint,
    outcome text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'success', 'skipped', 'failed')),
    error_text text
);

CREATE INDEX mv_refresh_log_view_started_idx ON mv_refresh_log (view_name, started_at);

COMMENT ON TABLE mv_refresh_log IS 'One row per materialized view and refresh, also when it failed';

COMMENT ON COLUMN mv_refresh_log.id IS 'Number of the row';

COMMENT ON COLUMN mv_refresh_log.view_name IS 'The materialized view';

COMMENT ON COLUMN mv_refresh_log.started_at IS 'When the refresh began';

COMMENT ON COLUMN mv_refresh_log.finished_at IS 'When the refresh ended';

COMMENT ON COLUMN mv_refresh_log.duration_ms IS 'How long the refresh took, milliseconds';

COMMENT ON COLUMN mv_refresh_log.row_count IS 'Rows in the view afterwards';

COMMENT ON COLUMN mv_refresh_log.outcome IS
'success, failed, or skipped (another refresh was at work); running only inside the refresh itself';

COMMENT ON COLUMN mv_refresh_log.error_text IS 'Error of a failed refresh, or NULL';

GRANT SELECT ON mv_refresh_log TO mundo_app, mundo_exporter;
