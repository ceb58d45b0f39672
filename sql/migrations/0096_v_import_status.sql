-- A handful of features says nothing of a throughput: opening the file takes longer than storing them.
CREATE VIEW v_import_status AS
SELECT
    run.id AS importacao_id,
    run.lidas AS features_read,
    run.armazenadas AS features_stored,
    extract(EPOCH FROM run.concluida_em - run.iniciada_em)::double precision AS seconds,
    run.armazenadas
    / nullif(extract(EPOCH FROM run.concluida_em - run.iniciada_em)::double precision, 0) AS features_per_second,
    extract(EPOCH FROM now() - run.concluida_em)::double precision AS age_seconds
FROM importacoes AS run
WHERE run.lidas >= 100
ORDER BY run.concluida_em DESC, run.id DESC
LIMIT 1;

COMMENT ON VIEW v_import_status IS 'The last import of at least 100 features; no row where there was none';

COMMENT ON COLUMN v_import_status.importacao_id IS 'Number of the import';

COMMENT ON COLUMN v_import_status.features_read IS 'Features read: stored and rejected together';

COMMENT ON COLUMN v_import_status.features_stored IS 'Features validated and stored';

COMMENT ON COLUMN v_import_status.seconds IS 'From when reading began until everything was stored';

COMMENT ON COLUMN v_import_status.features_per_second IS 'Features stored per second of this time; NULL where it is 0';

COMMENT ON COLUMN v_import_status.age_seconds IS 'Seconds since it was complete';

GRANT SELECT ON v_import_status TO mundo_app, mundo_exporter;
