CREATE TABLE cron_heartbeat (
    only_row boolean PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    beat_at timestamptz NOT NULL DEFAULT now(),
    beats bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- From the first moment on there is an age: a scheduler that never ran grows old like one that stopped.
INSERT INTO cron_heartbeat DEFAULT VALUES;

COMMENT ON TABLE cron_heartbeat IS 'When pg_cron last ran its heartbeat job; one row';

COMMENT ON COLUMN cron_heartbeat.only_row IS 'Always true: there is one row';

COMMENT ON COLUMN cron_heartbeat.beat_at IS 'The last beat; the making of this table before the first';

COMMENT ON COLUMN cron_heartbeat.beats IS 'How many beats there were; 0: the job never ran';
