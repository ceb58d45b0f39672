-- A caller's search_path must not lead the fold and what hangs on it to somebody else's objects.
BEGIN;

SELECT plan(8);

TRUNCATE catalogo CASCADE;

DO 'BEGIN PERFORM fold_catalogo_changes(NULL); END';

INSERT INTO catalogo (id, nome, tipo) VALUES (1, 'Talhão', 'Pastagem');

CREATE SCHEMA evil;
CREATE TABLE evil.catalogo (LIKE public.catalogo);
CREATE TABLE evil.catalogo_summary (LIKE public.catalogo_summary);
CREATE TABLE evil.catalogo_change_queue (LIKE public.catalogo_change_queue);
CREATE TABLE evil.cron_heartbeat (LIKE public.cron_heartbeat);
CREATE TABLE evil.summary_reconciliation_log (LIKE public.summary_reconciliation_log);
CREATE FUNCTION evil.catalogo_search_text(text) RETURNS text LANGUAGE sql AS $$SELECT 'evil'$$;
CREATE TEMPORARY TABLE catalogo_summary (LIKE public.catalogo_summary);
CREATE TEMPORARY TABLE catalogo_change_queue (LIKE public.catalogo_change_queue);

SET LOCAL search_path = evil, pg_catalog, public, tap;

SELECT is(public.fold_catalogo_changes(), 1::bigint, 'the fold reads the queue');
SELECT results_eq(
    'SELECT nome_busca FROM public.catalogo_summary', ARRAY['talhao'], 'and writes the summary'
);
SELECT is(
    (SELECT count(*) FROM evil.catalogo_summary) + (SELECT count(*) FROM pg_temp.catalogo_summary),
    0::bigint,
    'no other'
);
SELECT results_eq(
    'SELECT entries_checked, differences, outcome FROM public.reconcile_catalogo_summary()',
    $$VALUES (1::bigint, 0::bigint, 'success')$$,
    'the reconciliation'
);
SELECT is((SELECT count(*) FROM evil.summary_reconciliation_log), 0::bigint, 'and its log');
SELECT is(public.heartbeat(), now(), 'the heartbeat');
SELECT is((SELECT count(*) FROM evil.cron_heartbeat), 0::bigint, 'and its table');
SELECT results_eq('SELECT geom_count FROM public.catalogo_bounds(1)', ARRAY[0]::bigint[], 'bounds');

SELECT finish();

ROLLBACK;
