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
