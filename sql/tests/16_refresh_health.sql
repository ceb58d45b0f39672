-- What is said of the views: fresh, failing, runs that did not take place, a silent scheduler.
BEGIN;

SELECT plan(15);

DELETE FROM mv_refresh_log;

UPDATE cron_heartbeat SET beat_at = now() - interval '1 day', beats = 0;

SELECT results_eq(
    'SELECT healthy, reason FROM check_mv_refresh_health()',
    $$
    SELECT FALSE, 'never refreshed; the scheduler has been silent for 86400 s' FROM generate_series(1, 2)
    $$,
    'a scheduler that never ran is told apart'
);
SELECT results_eq(
    'SELECT beats, age_seconds FROM v_cron_heartbeat', $$VALUES (0::bigint, 86400::float8)$$, 'and its age is known'
);
SELECT is(heartbeat(), now(), 'a beat gives its time');
SELECT lives_ok('SELECT heartbeat()', 'and another');
SELECT results_eq(
    'SELECT beats, age_seconds FROM v_cron_heartbeat', $$VALUES (2::bigint, 0::float8)$$, 'beats are counted'
);

DELETE FROM cron_heartbeat;

SELECT lives_ok('SELECT heartbeat()', 'a lost row is made again');
SELECT results_eq('SELECT beats FROM v_cron_heartbeat', ARRAY[1]::bigint[], 'and counts');

INSERT INTO mv_refresh_log (view_name, started_at, finished_at, outcome, error_text) VALUES
('mv_catalogo_geometrias_stats', now() - interval '3 hours', now(), 'success', NULL),
('mv_catalogo_search_indexed', now() - interval '2 minutes', now(), 'failed', 'out of disk');

SELECT results_eq(
    'SELECT healthy, reason FROM check_mv_refresh_health()',
    $$VALUES
        (FALSE, 'last success 10800 s ago, allowed 7200 s: no run finished since'),
        (FALSE, 'never refreshed with success: 1 failed since, last error: out of disk')$$,
    'missing runs and failures'
);

INSERT INTO mv_refresh_log (view_name, started_at, finished_at, outcome, error_text) VALUES
('mv_catalogo_search_indexed', now() - interval '3 minutes', now(), 'success', NULL),
('mv_catalogo_geometrias_stats', now() - interval '1 minute', now(), 'skipped', NULL);

SELECT results_eq(
    'SELECT healthy, reason FROM check_mv_refresh_health()',
    $$VALUES
        (FALSE, 'last success 10800 s ago, allowed 7200 s: no run finished since'),
        (TRUE, 'fresh; 1 failed since, last error: out of disk')$$,
    'a skipped run is none; a failure after a success is said while the view is still fresh'
);
SELECT results_eq(
    'SELECT view_name, last_run_age_seconds, failures_since_success FROM v_mv_refresh_status ORDER BY view_name',
    $$VALUES ('mv_catalogo_geometrias_stats', 60::float8, 0::bigint), ('mv_catalogo_search_indexed', 120, 1)$$,
    'the numbers behind it'
);

DELETE FROM catalogo_change_queue;

SELECT results_eq(
    'SELECT queued, oldest_seconds FROM v_change_queue_status', $$VALUES (0::bigint, 0::float8)$$, 'nothing waits'
);

INSERT INTO catalogo_change_queue (catalogo_id, queued_at)
VALUES (1, now() - interval '30 seconds'), (1, now()), (2, now());

SELECT results_eq(
    'SELECT queued, oldest_seconds FROM v_change_queue_status', $$VALUES (3::bigint, 30::float8)$$, 'how much and how long'
);

SET LOCAL ROLE mundo_exporter;

SELECT lives_ok(
    'SELECT * FROM v_change_queue_status, v_cron_heartbeat, v_mv_refresh_status, check_mv_refresh_health()',
    'the exporter reads all of it'
);
SELECT throws_ok('SELECT heartbeat()', '42501', NULL, 'and beats not');

SET LOCAL ROLE mundo_app;

SELECT throws_ok('SELECT heartbeat()', '42501', NULL, 'neither does the app');

RESET ROLE;

SELECT finish();

ROLLBACK;
