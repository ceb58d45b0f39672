-- Least privilege: what each login has, and nothing more.
BEGIN;

SELECT plan(30);

SELECT table_privs_are('catalogo', 'mundo_app', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are(
    'catalogo_geometrias_particionada', 'mundo_app', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']
);
SELECT table_privs_are('catalogo_origem', 'mundo_app', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('importacoes', 'mundo_app', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('importacao_rejeitos', 'mundo_app', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
SELECT table_privs_are('catalogo_bounds_cache', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('mv_catalogo_search_indexed', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('mv_refresh_log', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('catalogo_geometrias_2026', 'mundo_app', ARRAY[]::text[]);
SELECT table_privs_are('catalogo_geometrias_default', 'mundo_app', ARRAY[]::text[]);
SELECT table_privs_are('catalogo', 'mundo_reader', ARRAY['SELECT']);
SELECT table_privs_are('catalogo_geometrias_particionada', 'mundo_reader', ARRAY['SELECT']);
SELECT table_privs_are('catalogo_origem', 'mundo_reader', ARRAY['SELECT']);
SELECT table_privs_are('catalogo', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('catalogo_origem', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('mv_refresh_log', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('partition_maintenance_log', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('v_mv_refresh_status', 'mundo_exporter', ARRAY['SELECT']);

SELECT is_empty(
    $$
    SELECT p.oid::regprocedure FROM pg_proc AS p CROSS JOIN LATERAL aclexplode(p.proacl) AS acl
    WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = 'mundo_owner'::regrole AND acl.grantee = 0
    $$,
    'no function is open to PUBLIC'
);
SELECT is_empty(
    $$
    SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proowner = 'mundo_owner'::regrole
        AND NOT EXISTS (SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=pg_catalog%')
    $$,
    'every function has its search_path pinned'
);
SELECT function_privs_are(
    'search_catalogo_indexed', ARRAY['text', 'text', 'boolean', 'integer', 'integer'], 'mundo_app', ARRAY['EXECUTE']
);
SELECT function_privs_are('catalogo_bounds', ARRAY['bigint'], 'mundo_app', ARRAY['EXECUTE']);
SELECT function_privs_are('maintain_partitions', ARRAY['integer'], 'mundo_app', ARRAY[]::text[]);
SELECT function_privs_are('maintain_partitions', ARRAY['integer'], 'mundo_reader', ARRAY[]::text[]);
SELECT function_privs_are('refresh_all_materialized_views', ARRAY[]::text[], 'mundo_reader', ARRAY[]::text[]);
SELECT function_privs_are('refresh_all_materialized_views', ARRAY[]::text[], 'mundo_app', ARRAY['EXECUTE']);

SET LOCAL ROLE mundo_app;

SELECT throws_ok('CREATE TABLE intruder ()', '42501', NULL, 'the app makes no tables');
SELECT throws_ok('DELETE FROM catalogo_geometrias_2026', '42501', NULL, 'the app writes no partition directly');
SELECT throws_ok('TRUNCATE catalogo_geometrias_particionada', '42501', NULL, 'the app does not truncate');

SET LOCAL ROLE mundo_reader;

SELECT throws_ok(
    $$INSERT INTO catalogo (nome, tipo) VALUES ('x', 'y')$$, '42501', NULL, 'the reader does not write'
);

RESET ROLE;

SELECT finish();

ROLLBACK;
