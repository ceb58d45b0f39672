CREATE TABLE summary_reconciliation_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    duration_ms double precision GENERATED ALWAYS AS (
        extract(EPOCH FROM finished_at - started_at) * 1000
    ) STORED,
    entries_checked bigint NOT NULL DEFAULT 0,
    entries_queued bigint NOT NULL DEFAULT 0,
    differences bigint NOT NULL DEFAULT 0,
    sample_ids bigint[] NOT NULL DEFAULT '{}',
    outcome text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'success', 'skipped', 'failed')),
    error_text text
);

CREATE INDEX summary_reconciliation_log_started_at_idx ON summary_reconciliation_log (started_at);

COMMENT ON TABLE summary_reconciliation_log IS
'Comparisons of catalogo_summary with a full recomputation, one row a run, also when it failed';

COMMENT ON COLUMN summary_reconciliation_log.id IS 'Number of the row';

COMMENT ON COLUMN summary_reconciliation_log.started_at IS 'When the run began';

COMMENT ON COLUMN summary_reconciliation_log.finished_at IS 'When it ended';

COMMENT ON COLUMN summary_reconciliation_log.duration_ms IS 'How long it took, milliseconds';

COMMENT ON COLUMN summary_reconciliation_log.entries_checked IS 'Entries that were compared';

COMMENT ON COLUMN summary_reconciliation_log.entries_queued IS 'Entries left out, since their change waits for the fold';

COMMENT ON COLUMN summary_reconciliation_log.differences IS
'Entries whose summary was wrong, and was mended: normally 0';

COMMENT ON COLUMN summary_reconciliation_log.sample_ids IS 'The first 20 of them';

COMMENT ON COLUMN summary_reconciliation_log.outcome IS
'success, failed, or skipped (another run was at work); running only inside the run itself';

COMMENT ON COLUMN summary_reconciliation_log.error_text IS 'Error of a failed run, or NULL';

GRANT SELECT ON summary_reconciliation_log TO mundo_app, mundo_exporter;
