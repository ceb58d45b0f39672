-- A backup before a migration is as good as any other.
CREATE OR REPLACE VIEW v_backup_status AS
SELECT
    wanted.name AS backup_kind,
    extract(
        EPOCH FROM now() - coalesce(
            good.finished_at,
            (
                SELECT min(asked.requested_at) FROM backup_log AS asked
                WHERE asked.kind = any(wanted.kinds)
            ),
            pg_postmaster_start_time()
        )
    )::double precision AS age_seconds,
    good.duration_seconds,
    good.database_bytes,
    good.repository_bytes,
    (
        SELECT count(*) FROM backup_log AS bad
        WHERE
            bad.kind = any(wanted.kinds) AND bad.outcome = 'failed'
            AND bad.finished_at > coalesce(good.finished_at, '-infinity')
    ) AS failures_since_success
FROM (
    VALUES ('any', ARRAY['full', 'incr', 'migration']), ('full', ARRAY['full']), ('drill', ARRAY['drill'])
) AS wanted (name, kinds)
LEFT JOIN LATERAL (
    SELECT
        log.finished_at,
        log.duration_seconds,
        log.database_bytes,
        log.repository_bytes
    FROM backup_log AS log
    WHERE log.kind = any(wanted.kinds) AND log.outcome = 'success'
    ORDER BY log.finished_at DESC
    LIMIT 1
) AS good ON TRUE;
