-- Imports through the app: what the role may do, and what a job may be.
BEGIN;

SELECT plan(36);

SELECT isnt_superuser('mundo_ingest');
SELECT database_privs_are('mundo', 'mundo_ingest', ARRAY['CONNECT']);
SELECT schema_privs_are('public', 'mundo_ingest', ARRAY['USAGE']);
SELECT table_privs_are('catalogo', 'mundo_ingest', ARRAY['SELECT', 'INSERT']);
SELECT table_privs_are(
    'catalogo_geometrias_particionada', 'mundo_ingest', ARRAY['SELECT', 'INSERT']
);
SELECT table_privs_are('catalogo_origem', 'mundo_ingest', ARRAY['SELECT', 'INSERT']);
SELECT table_privs_are('catalogo_summary', 'mundo_ingest', ARRAY['SELECT']);
SELECT set_eq(
    $$
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')
        AND has_table_privilege('mundo_ingest', oid, 'MAINTAIN')
    $$,
    ARRAY['catalogo', 'catalogo_geometrias_particionada', 'catalogo_origem', 'catalogo_summary'],
    'statistics are gathered of what an import writes, and of nothing else'
);
SELECT table_privs_are('importacoes', 'mundo_ingest', ARRAY['SELECT', 'INSERT', 'UPDATE']);
SELECT table_privs_are('importacao_rejeitos', 'mundo_ingest', ARRAY['SELECT', 'INSERT']);
SELECT table_privs_are('catalogo_bounds_cache', 'mundo_ingest', ARRAY['SELECT', 'INSERT', 'UPDATE']);
SELECT table_privs_are('catalogo_change_queue', 'mundo_ingest', ARRAY[]::text[]);
SELECT table_privs_are('catalogo_geometrias_2026', 'mundo_ingest', ARRAY[]::text[]);
SELECT table_privs_are('catalogo_geometrias_default', 'mundo_ingest', ARRAY[]::text[]);
SELECT table_privs_are('importacao_tarefas', 'mundo_ingest', ARRAY['SELECT', 'INSERT', 'UPDATE']);
SELECT table_privs_are('importacao_tarefas', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('importacao_tarefas', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('importacao_tarefas', 'mundo_reader', ARRAY['SELECT']);
SELECT function_privs_are('maintain_partitions', ARRAY['integer'], 'mundo_ingest', ARRAY[]::text[]);
SELECT function_privs_are('fold_catalogo_changes', ARRAY['integer', 'boolean'], 'mundo_ingest', ARRAY['EXECUTE']);
SELECT function_privs_are('refresh_all_materialized_views', ARRAY[]::text[], 'mundo_ingest', ARRAY['EXECUTE']);
SELECT has_index('importacao_tarefas', 'importacao_tarefas_abertas', ARRAY['id']);
SELECT has_index('importacao_tarefas', 'importacao_tarefas_importacao', ARRAY['importacao_id']);

SET LOCAL ROLE mundo_ingest;

SELECT lives_ok(
    $$
    INSERT INTO importacao_tarefas (arquivo, bytes, digest, pasta, requisicao)
    VALUES ('fazenda.json', 10, repeat('a', 64), repeat('b', 32), 'r-1')
    $$,
    'a job is put down'
);
SELECT results_eq(
    $$SELECT estado, tentativas, quedas, importacao_id FROM importacao_tarefas WHERE pasta = repeat('b', 32)$$,
    $$VALUES ('pending', 0, 0, NULL::bigint)$$,
    'it waits'
);
SELECT throws_ok(
    $$
    INSERT INTO importacao_tarefas (arquivo, bytes, digest, pasta, requisicao)
    VALUES ('fazenda.json', 10, repeat('a', 64), repeat('b', 32), 'r-2')
    $$,
    '23505', NULL, 'a folder of the spool belongs to one job'
);
SELECT throws_ok(
    $$
    INSERT INTO importacao_tarefas (arquivo, bytes, digest, pasta, requisicao)
    VALUES ('fazenda.json', 10, repeat('a', 64), '../../etc', 'r-3')
    $$,
    '23514', NULL, 'a folder of the spool is no path'
);
SELECT throws_ok(
    $$UPDATE importacao_tarefas SET estado = 'done' WHERE pasta = repeat('b', 32)$$,
    '23514', NULL, 'what is done has a time'
);
SELECT throws_ok(
    $$UPDATE importacao_tarefas SET estado = 'failed', concluida_em = now() WHERE pasta = repeat('b', 32)$$,
    '23514', NULL, 'what failed has a reason'
);
SELECT throws_ok('DELETE FROM importacao_tarefas', '42501', NULL, 'no job is removed');
SELECT throws_ok('DELETE FROM catalogo', '42501', NULL, 'no entry is removed');
SELECT throws_ok($$UPDATE catalogo SET nome = 'x'$$, '42501', NULL, 'no entry is changed');
SELECT throws_ok('CREATE TABLE intruder ()', '42501', NULL, 'no table is made');
SELECT throws_ok('TRUNCATE catalogo_geometrias_particionada', '42501', NULL, 'nothing is truncated');

SET LOCAL ROLE mundo_app;

SELECT throws_ok($$UPDATE importacao_tarefas SET estado = 'pending'$$, '42501', NULL, 'the app only reads jobs');

SET LOCAL ROLE mundo_reader;

SELECT lives_ok('SELECT count(*) FROM importacao_tarefas', 'people may look at jobs');

RESET ROLE;

SELECT finish();

ROLLBACK;
