CREATE FUNCTION heartbeat()
RETURNS timestamptz
LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp
AS $$
    INSERT INTO cron_heartbeat AS last (beats) VALUES (1)
    ON CONFLICT (only_row) DO UPDATE SET beat_at = excluded.beat_at, beats = last.beats + 1
    RETURNING beat_at
$$;

COMMENT ON FUNCTION heartbeat() IS
'Notes that the scheduler is alive and gives the time of the beat; run each minute by pg_cron. See v_cron_heartbeat';

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
