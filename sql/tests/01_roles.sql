-- Who exists, and what each may not do.
BEGIN;

SELECT plan(20);

SELECT has_extension('pg_cron');
SELECT has_extension('postgis');
SELECT has_extension('pg_trgm');
SELECT has_extension('unaccent');
SELECT has_extension('btree_gin');
SELECT has_extension('pg_stat_statements');

SELECT isnt_superuser('mundo_owner');
SELECT isnt_superuser('mundo_app');
SELECT isnt_superuser('mundo_exporter');
SELECT isnt_superuser('mundo_reader');
SELECT db_owner_is('mundo', 'mundo_owner');
SELECT is_member_of('pg_monitor', 'mundo_exporter');
SELECT database_privs_are('mundo', 'mundo_app', ARRAY['CONNECT', 'TEMPORARY']);
SELECT database_privs_are('mundo', 'mundo_reader', ARRAY['CONNECT']);
SELECT database_privs_are('mundo', 'mundo_exporter', ARRAY['CONNECT']);
SELECT schema_privs_are('public', 'mundo_app', ARRAY['USAGE']);
SELECT schema_privs_are('public', 'mundo_reader', ARRAY['USAGE']);
SELECT schema_privs_are('public', 'mundo_exporter', ARRAY['USAGE']);
SELECT is(current_setting('data_checksums'), 'on', 'data checksums are on');
SELECT lives_ok(
    $$SELECT cron.schedule('test', '0 0 1 1 *', 'SELECT 1')$$, 'the owner schedules jobs in this database'
);

SELECT finish();

ROLLBACK;
