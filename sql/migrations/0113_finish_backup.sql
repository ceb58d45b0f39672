CREATE FUNCTION finish_backup(p_id bigint, p_error text, p_info jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH newest AS (
        SELECT held.backup
        FROM jsonb_array_elements(p_info) AS stanza (told)
        CROSS JOIN LATERAL jsonb_array_elements(stanza.told -> 'backup') WITH ORDINALITY AS held (backup, place)
        ORDER BY held.place DESC
        LIMIT 1
    )
    UPDATE backup_log AS own
    SET
        outcome = CASE WHEN p_error IS NULL THEN 'success' ELSE 'failed' END,
        finished_at = clock_timestamp(),
        error_text = p_error,
        backup_label = newest.backup ->> 'label',
        database_bytes = (newest.backup #>> '{info,size}')::bigint,
        repository_bytes = (newest.backup #>> '{info,repository,delta}')::bigint,
        wal_first = newest.backup #>> '{archive,start}',
        wal_last = newest.backup #>> '{archive,stop}'
    FROM (SELECT 1) AS always
    LEFT JOIN newest ON p_error IS NULL
    WHERE own.id = p_id;
$$;

COMMENT ON FUNCTION finish_backup(bigint, text, jsonb) IS
'Notes how a request ended: an error or NULL, and what the repository says of its backups (pgbackrest info, JSON)';
