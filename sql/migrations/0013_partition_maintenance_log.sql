CREATE TABLE partition_maintenance_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    action text NOT NULL CHECK (action IN ('maintain', 'create')), -- noqa: RF04
    outcome text NOT NULL CHECK (outcome IN ('success', 'skipped', 'failed')),
    partition_name text,
    range_from timestamptz,
    range_to timestamptz,
    rows_moved bigint NOT NULL DEFAULT 0,
    message text
);

CREATE INDEX partition_maintenance_log_started_at_idx ON partition_maintenance_log (started_at);

COMMENT ON TABLE partition_maintenance_log IS 'What the partition functions did, one row per run and per partition';

COMMENT ON COLUMN partition_maintenance_log.id IS 'Number of the row';

COMMENT ON COLUMN partition_maintenance_log.started_at IS 'When the action began';

COMMENT ON COLUMN partition_maintenance_log.finished_at IS 'When the action ended';

COMMENT ON COLUMN partition_maintenance_log.action IS 'maintain: one run of the job; create: one partition made';

COMMENT ON COLUMN partition_maintenance_log.outcome IS 'success, skipped (another run was at work) or failed';

COMMENT ON COLUMN partition_maintenance_log.partition_name IS 'The partition, where the action is about one';

COMMENT ON COLUMN partition_maintenance_log.range_from IS 'First instant of the partition, UTC';

COMMENT ON COLUMN partition_maintenance_log.range_to IS 'First instant after the partition, UTC';

COMMENT ON COLUMN partition_maintenance_log.rows_moved IS 'Rows that came out of the DEFAULT partition';

COMMENT ON COLUMN partition_maintenance_log.message IS 'Summary of the run, or the error text';

GRANT SELECT ON partition_maintenance_log TO mundo_app, mundo_exporter;
