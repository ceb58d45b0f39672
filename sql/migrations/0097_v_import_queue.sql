CREATE VIEW v_import_queue AS
SELECT
    count(*) FILTER (WHERE estado = 'pending') AS waiting,
    count(*) FILTER (WHERE estado = 'running') AS running,
    coalesce(extract(EPOCH FROM now() - min(criada_em) FILTER (WHERE estado = 'pending')), 0)::double precision
        AS oldest_seconds
FROM importacao_tarefas
WHERE estado IN ('pending', 'running');

COMMENT ON VIEW v_import_queue IS 'Uploads that are not done; one row';

COMMENT ON COLUMN v_import_queue.waiting IS 'Those that wait for their turn';

COMMENT ON COLUMN v_import_queue.running IS 'Those that are worked on';

COMMENT ON COLUMN v_import_queue.oldest_seconds IS 'Age of the one that has waited longest, seconds; 0 while none waits';

GRANT SELECT ON v_import_queue TO mundo_app, mundo_exporter;
