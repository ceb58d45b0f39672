-- What is old goes, and what a status depends on stays.
BEGIN;

SELECT plan(12);

DELETE FROM mv_refresh_log;
DELETE FROM partition_maintenance_log;
DELETE FROM summary_reconciliation_log;

INSERT INTO mv_refresh_log (view_name, started_at, finished_at, outcome) VALUES
('mv_catalogo_geometrias_stats', now() - interval '40 days', now() - interval '40 days', 'success'),
('mv_catalogo_geometrias_stats', now() - interval '35 days', now() - interval '35 days', 'failed'),
('mv_catalogo_geometrias_stats', now() - interval '31 days', now() - interval '31 days', 'success'),
('mv_catalogo_geometrias_stats', now() - interval '30 days 1 minute', now() - interval '30 days 1 minute', 'failed'),
('mv_catalogo_geometrias_stats', now() - interval '29 days', now() - interval '29 days', 'failed'),
('mv_catalogo_search_indexed', now() - interval '90 days', now() - interval '90 days', 'success');

INSERT INTO partition_maintenance_log (started_at, action, outcome) VALUES
(now() - interval '50 days', 'maintain', 'success'),
(now() - interval '40 days', 'maintain', 'success'),
(now() - interval '60 days', 'create', 'success'),
(now() - interval '45 days', 'create', 'success');

INSERT INTO summary_reconciliation_log (started_at, finished_at, outcome) VALUES
(now() - interval '60 days', now() - interval '60 days', 'success'),
(now() - interval '45 days', now() - interval '45 days', 'success');

INSERT INTO importacao_tarefas (id, arquivo, bytes, digest, pasta, requisicao, estado, erro, concluida_em) VALUES
(-5, 'a.json', 1, repeat('a', 64), repeat('5', 32), 'r', 'done', NULL, now() - interval '40 days'),
(-4, 'a.json', 1, repeat('a', 64), repeat('4', 32), 'r', 'failed', 'no', now() - interval '31 days'),
(-3, 'a.json', 1, repeat('a', 64), repeat('3', 32), 'r', 'done', NULL, now() - interval '29 days'),
(-2, 'a.json', 1, repeat('a', 64), repeat('2', 32), 'r', 'pending', NULL, NULL),
(-1, 'a.json', 1, repeat('a', 64), repeat('1', 32), 'r', 'done', NULL, now() - interval '90 days');

CREATE TEMPORARY TABLE removed ON COMMIT DROP AS
SELECT
    log_name,
    rows_removed
FROM prune_history(30);

SELECT results_eq(
    'SELECT log_name, rows_removed FROM removed WHERE log_name NOT LIKE ''cron.%'' ORDER BY log_name COLLATE "C"',
    $$VALUES
        ('catalogo_bounds_changes', 0::bigint), ('importacao_tarefas', 2), ('mv_refresh_log', 3),
        ('partition_maintenance_log', 2),
        ('summary_reconciliation_log', 1)$$,
    'each log says what it lost'
);
SELECT is(count(*), 1::bigint, 'and so does that of the jobs') FROM removed
WHERE log_name = 'cron.job_run_details';

SELECT results_eq(
    'SELECT id FROM importacao_tarefas ORDER BY id',
    ARRAY[-3, -2, -1]::bigint[],
    'jobs of uploads that are young or open stay, and the newest'
);

SELECT results_eq(
    $$SELECT outcome, (now() - started_at)::interval FROM mv_refresh_log
      WHERE view_name = 'mv_catalogo_geometrias_stats' ORDER BY id$$,
    $$VALUES ('success', interval '31 days'), ('failed', interval '29 days')$$,
    'the last success of a view stays, whatever its age'
);
SELECT is(count(*), 1::bigint, 'also where it is the only run')
FROM mv_refresh_log
WHERE view_name = 'mv_catalogo_search_indexed';
SELECT is(
    round(age_seconds)::bigint, 31 * 86400::bigint, 'so that its age is known'
) FROM v_mv_refresh_status
WHERE view_name = 'mv_catalogo_geometrias_stats';

SELECT results_eq(
    'SELECT action, (now() - started_at)::interval FROM partition_maintenance_log ORDER BY id',
    $$VALUES ('maintain', interval '40 days'), ('create', interval '45 days')$$,
    'the last run of maintenance stays'
);
SELECT is(now() - started_at, interval '45 days', 'and the last comparison') FROM summary_reconciliation_log;

SELECT is(sum(rows_removed), 0::numeric, 'a second run finds nothing') FROM prune_history(30);

INSERT INTO mv_refresh_log (view_name, started_at, finished_at, outcome)
SELECT
    'mv_catalogo_geometrias_stats' AS view_name,
    now() - interval '60 days' AS started_at,
    now() AS finished_at,
    'skipped' AS outcome
FROM generate_series(1, 25001);
SELECT is(rows_removed, 25000::bigint, 'more than a batch goes in one run, but the last run') FROM prune_history(30)
WHERE log_name = 'mv_refresh_log';

SET LOCAL ROLE mundo_app;
SELECT throws_ok('SELECT prune_history(30)', '42501', NULL, 'the app prunes nothing');
SELECT throws_ok('SELECT analyze_partitions()', '42501', NULL, 'and analyzes nothing');

SELECT finish();

ROLLBACK;
