-- What the metrics exporter asks beside the older views: partitions, geometries, jobs and imports, in numbers only.
BEGIN;

SELECT plan(36);

TRUNCATE catalogo, importacoes, importacao_tarefas CASCADE;

SELECT lives_ok('SELECT fold_catalogo_changes()', 'what was there is forgotten');

-- Nothing there.

SELECT results_eq(
    'SELECT stored_count, valid_count, traceable_count FROM v_geometry_status', 'VALUES (0::bigint, 0::bigint, 0::bigint)', 'no geometries'
);
SELECT is_empty('SELECT * FROM v_import_status', 'no import, no row');
SELECT results_eq(
    'SELECT waiting, running, oldest_seconds FROM v_import_queue',
    'VALUES (0::bigint, 0::bigint, 0::float8)',
    'nothing waits'
);

-- Partitions.

SELECT results_eq(
    'SELECT count(*), count(DISTINCT partition_label), sum(row_count)::bigint FROM v_partition_size',
    $$
    SELECT count(*), count(*), 0::bigint FROM pg_inherits
    WHERE inhparent = 'catalogo_geometrias_particionada'::regclass
    $$,
    'a row for every partition, also for those without rows'
);
SELECT is(
    (SELECT sum(total_bytes) FROM v_partition_size),
    (
        SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
        WHERE inhparent = 'catalogo_geometrias_particionada'::regclass
    ),
    'their bytes, to the byte'
);

INSERT INTO catalogo (id, nome, tipo)
SELECT
    n AS id,
    'entry' AS nome,
    'type' AS tipo
FROM generate_series(1, 4) AS n;

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid, validity_error_msg, created_at)
SELECT
    given.entry AS catalogo_id,
    st_geomfromtext('MULTIPOINT((0 0))', 4326) AS geom,
    given.entry <> 2 AS is_valid,
    CASE WHEN given.entry = 2 THEN 'bad' END AS validity_error_msg,
    given.created_at::timestamptz AS created_at
FROM (
    VALUES
    (1, '2026-01-01 00:00:00+00'), (1, '2026-12-31 23:59:59+00'), (2, '2027-01-01 00:00:00+00'),
    (3, '1801-01-01 00:00:00+00'), (4, '2026-06-01 00:00:00+00')
) AS given (entry, created_at);

SELECT results_eq(
    $$SELECT partition_label COLLATE "default", row_count FROM v_partition_size WHERE row_count > 0 ORDER BY 1$$,
    $$VALUES ('2026', 3::bigint), ('2027', 1::bigint), ('default', 1::bigint)$$,
    'rows are counted where they lie, without an ANALYZE'
);

-- Geometries: what leads back.

INSERT INTO importacoes (id, arquivo, digest, formato, iniciada_em, concluida_em, lidas, armazenadas)
VALUES
(1, 'a.json', repeat('a', 64), 'json', now() - interval '1 hour', now() - interval '1 hour' + interval '2 s', 2, 2),
(2, '', repeat('b', 64), 'json', now() - interval '2 hours', now() - interval '2 hours', 2, 2);

INSERT INTO catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index)
VALUES (1, 1, 'f-1', 0), (2, 1, 'f-2', 1), (3, 2, 'f-3', 0);

SELECT lives_ok('SELECT fold_catalogo_changes()', 'entries are folded');

SELECT results_eq(
    'SELECT stored_count, valid_count, traceable_count FROM v_geometry_status',
    'VALUES (5::bigint, 4::bigint, 3::bigint)',
    'a file without a name leads nowhere, nor does an entry without origin'
);

UPDATE catalogo_origem SET feature_index = 2
WHERE catalogo_id = 2;

SELECT is((SELECT traceable_count FROM v_geometry_status), 2::bigint, 'a feature beyond those that were read leads nowhere');

UPDATE catalogo_origem SET feature_id = ''
WHERE catalogo_id = 1;

SELECT is((SELECT traceable_count FROM v_geometry_status), 0::bigint, 'nor does a feature without a name');

-- The last import worth a throughput.

SELECT is_empty('SELECT * FROM v_import_status', 'two features say nothing of a throughput');

INSERT INTO importacoes (id, arquivo, digest, formato, iniciada_em, concluida_em, lidas, armazenadas, rejeitadas)
VALUES
(3, 'c', repeat('c', 64), 'json', now() - interval '70 s', now() - interval '60 s', 120, 100, 20),
(4, 'd', repeat('d', 64), 'json', now() - interval '170 s', now() - interval '160 s', 9000, 9000, 0),
(5, 'e', repeat('e', 64), 'json', now() - interval '12 s', now() - interval '2 s', 99, 99, 0);

SELECT results_eq(
    'SELECT importacao_id, features_read, features_stored, seconds, features_per_second, age_seconds FROM v_import_status',
    'VALUES (3::bigint, 120::bigint, 100::bigint, 10::float8, 10::float8, 60::float8)',
    'the last to be complete of at least a hundred; what was stored counts'
);

UPDATE importacoes SET concluida_em = iniciada_em
WHERE id = 3;

SELECT results_eq(
    'SELECT importacao_id, features_per_second FROM v_import_status',
    'VALUES (3::bigint, NULL::float8)',
    'no time, no throughput'
);

-- Uploads that wait.

INSERT INTO importacao_tarefas (arquivo, bytes, digest, pasta, requisicao, estado, erro, criada_em, concluida_em)
SELECT
    'f.json' AS arquivo,
    1 AS bytes,
    repeat('a', 64) AS digest,
    md5(given.estado || given.seconds) AS pasta,
    'r' AS requisicao,
    given.estado,
    CASE WHEN given.estado = 'failed' THEN 'x' END AS erro,
    now() - make_interval(secs => given.seconds) AS criada_em,
    CASE WHEN given.estado NOT IN ('pending', 'running') THEN now() END AS concluida_em
FROM (VALUES ('pending', 40), ('pending', 30), ('running', 90), ('done', 500), ('failed', 400)) AS given (estado, seconds);

SELECT results_eq(
    'SELECT waiting, running, oldest_seconds FROM v_import_queue',
    'VALUES (2::bigint, 1::bigint, 40::float8)',
    'what is worked on, done or failed does not wait'
);

-- Jobs that fail.

SELECT lives_ok(
    $$SELECT cron.schedule(name, '* * * * *', 'SELECT 1') FROM (VALUES ('tap-good'), ('tap-bad')) AS wanted (name)$$,
    'jobs are scheduled'
);
SELECT results_eq(
    $$SELECT job_name, failures FROM cron_job_failures() WHERE job_name LIKE 'tap-%'$$,
    $$VALUES ('tap-bad', 0::bigint), ('tap-good', 0::bigint)$$,
    'a job that never ran has no failures'
);

-- Privileges.

SELECT table_privs_are('v_partition_size', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('v_geometry_status', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('v_import_status', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('v_import_queue', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('v_import_queue', 'mundo_ingest', ARRAY[]::text[]);
SELECT function_privs_are('cron_job_failures', ARRAY['interval'], 'mundo_exporter', ARRAY['EXECUTE']);
SELECT table_privs_are('mv_catalogo_geometrias_stats', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('mv_catalogo_search_indexed', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('importacao_tarefas', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('importacoes', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('catalogo_change_queue', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('catalogo_summary', 'mundo_exporter', ARRAY[]::text[]);

SET LOCAL ROLE mundo_exporter;

SELECT isnt_empty('SELECT * FROM v_partition_size', 'the exporter reads sizes');
SELECT isnt_empty('SELECT * FROM v_geometry_status', 'and geometries, in numbers');
SELECT isnt_empty('SELECT * FROM v_import_status', 'and the last import, in numbers');
SELECT isnt_empty('SELECT * FROM v_import_queue', 'and uploads, in numbers');
SELECT isnt_empty('SELECT * FROM cron_job_failures()', 'and jobs');
SELECT lives_ok(
    'SELECT * FROM v_change_queue_status, v_cron_heartbeat, v_mv_refresh_status', 'and the older views without their tables'
);
SELECT throws_ok('SELECT nome FROM mv_catalogo_geometrias_stats', '42501', NULL, 'but no name');

RESET ROLE;

SELECT finish();

ROLLBACK;
