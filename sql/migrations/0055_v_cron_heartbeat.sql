CREATE VIEW v_cron_heartbeat AS
SELECT
    beat_at,
    beats,
    extract(EPOCH FROM now() - beat_at)::double precision AS age_seconds
FROM cron_heartbeat;

COMMENT ON VIEW v_cron_heartbeat IS 'Whether the scheduler is alive: the age of the last beat of its heartbeat job; one row';

COMMENT ON COLUMN v_cron_heartbeat.beat_at IS 'The last beat; the making of the table before the first';

COMMENT ON COLUMN v_cron_heartbeat.beats IS 'How many beats there were; 0: the job never ran';

COMMENT ON COLUMN v_cron_heartbeat.age_seconds IS 'Seconds since beat_at';

GRANT SELECT ON v_cron_heartbeat TO mundo_app, mundo_exporter;
