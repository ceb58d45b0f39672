-- Before the first success the age counts from the first request: what never came grows old like what has stopped.
CREATE VIEW v_backup_status AS
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
    VALUES ('any', ARRAY['full', 'incr']), ('full', ARRAY['full']), ('drill', ARRAY['drill'])
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

COMMENT ON VIEW v_backup_status IS
'The last good backup of any kind (any), the last good full one (full), and the last good restore drill (drill)';

COMMENT ON COLUMN v_backup_status.backup_kind IS 'any, full or drill';

COMMENT ON COLUMN v_backup_status.age_seconds IS 'Time since it ended, or since the first was asked for, seconds';

COMMENT ON COLUMN v_backup_status.duration_seconds IS 'How long it took, seconds; NULL where there was none';

COMMENT ON COLUMN v_backup_status.database_bytes IS 'Size of the cluster that it holds, bytes';

COMMENT ON COLUMN v_backup_status.repository_bytes IS 'What it takes of the repository by itself, bytes';

COMMENT ON COLUMN v_backup_status.failures_since_success IS 'How many have failed since';

GRANT SELECT ON v_backup_status TO mundo_app, mundo_exporter;
