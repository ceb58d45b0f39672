-- A request is a row, and what became of it stands in the same row. A few a week: nothing prunes them.
CREATE TABLE backup_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('full', 'incr', 'drill')),
    outcome text NOT NULL DEFAULT 'requested' CHECK (outcome IN ('requested', 'running', 'success', 'failed')),
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    duration_seconds double precision GENERATED ALWAYS AS (extract(EPOCH FROM finished_at - started_at)) STORED,
    backup_label text,
    database_bytes bigint,
    repository_bytes bigint,
    wal_first text,
    wal_last text,
    compared integer,
    differences text[],
    error_text text,
    CONSTRAINT backup_log_end CHECK ((finished_at IS NULL) = (outcome IN ('requested', 'running'))),
    CONSTRAINT backup_log_error CHECK ((error_text IS NOT NULL) = (outcome = 'failed'))
);

-- Whoever asks for what is waiting already waits with it.
CREATE UNIQUE INDEX backup_log_waiting_idx ON backup_log (kind) WHERE outcome = 'requested';

CREATE INDEX backup_log_finished_at_idx ON backup_log (kind, finished_at DESC) WHERE outcome = 'success';

COMMENT ON TABLE backup_log IS 'Backups and restore drills: what was asked for, and what became of it';

COMMENT ON COLUMN backup_log.id IS 'Number of the request; they are worked off in its order';

COMMENT ON COLUMN backup_log.kind IS
'full; incr: what has changed since the last backup; drill: the newest backup restored and compared';

COMMENT ON COLUMN backup_log.outcome IS 'requested, running, success or failed';

COMMENT ON COLUMN backup_log.requested_at IS 'When it was asked for';

COMMENT ON COLUMN backup_log.started_at IS 'When the work began';

COMMENT ON COLUMN backup_log.finished_at IS 'When it ended';

COMMENT ON COLUMN backup_log.duration_seconds IS 'How long it took, seconds';

COMMENT ON COLUMN backup_log.backup_label IS 'Name of the backup in the repository; of a drill: the backup that was restored';

COMMENT ON COLUMN backup_log.database_bytes IS 'Size of the cluster that it holds, bytes';

COMMENT ON COLUMN backup_log.repository_bytes IS 'What it takes of the repository by itself, bytes';

COMMENT ON COLUMN backup_log.wal_first IS 'First segment of the write-ahead log that it needs';

COMMENT ON COLUMN backup_log.wal_last IS 'Last segment of the write-ahead log that it needs';

COMMENT ON COLUMN backup_log.compared IS 'Of a drill: how many facts were compared with the living database';

COMMENT ON COLUMN backup_log.differences IS 'Of a drill: the facts that differed; empty when all is well';

COMMENT ON COLUMN backup_log.error_text IS 'Error of what failed, one line, or NULL';

GRANT SELECT ON backup_log TO mundo_app;
