CREATE FUNCTION request_backup(p_kind text) RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp
AS $$
    INSERT INTO backup_log (kind) VALUES (p_kind)
    ON CONFLICT (kind) WHERE outcome = 'requested' DO UPDATE SET kind = excluded.kind
    RETURNING id;
$$;

COMMENT ON FUNCTION request_backup(text) IS
'Asks the backup service for a backup (full, incr) or a restore drill (drill); gives the number of the request';
