-- One service works off the requests, so one that is still running when it asks for the next was cut off.
CREATE FUNCTION begin_backup(OUT id bigint, OUT kind text) RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE backup_log AS cut
    SET outcome = 'failed', finished_at = clock_timestamp(), error_text = 'the backup service was stopped'
    WHERE cut.outcome = 'running';
    RETURN QUERY
    UPDATE backup_log AS own SET outcome = 'running', started_at = clock_timestamp()
    WHERE own.id = (SELECT first.id FROM backup_log AS first WHERE first.outcome = 'requested' ORDER BY first.id LIMIT 1)
    RETURNING own.id, own.kind;
END;
$$;

COMMENT ON FUNCTION begin_backup() IS 'Takes the oldest request up; no row where none waits';
