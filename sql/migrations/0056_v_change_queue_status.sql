CREATE VIEW v_change_queue_status AS
SELECT
    count(*) AS queued,
    coalesce(extract(EPOCH FROM now() - min(queued_at)), 0)::double precision AS oldest_seconds
FROM catalogo_change_queue;

COMMENT ON VIEW v_change_queue_status IS 'How far the summary is behind; one row';

COMMENT ON COLUMN v_change_queue_status.queued IS 'Rows that wait for the fold';

COMMENT ON COLUMN v_change_queue_status.oldest_seconds IS
'Age of the oldest of them, seconds since its transaction began; 0 while nothing waits';

GRANT SELECT ON v_change_queue_status TO mundo_app, mundo_exporter;
