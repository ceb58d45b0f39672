-- Both views: what their numbers are, how they are refreshed, and what is said about it.
BEGIN;

SELECT plan(21);

DELETE FROM mv_refresh_log;
UPDATE cron_heartbeat SET beat_at = now();

SELECT results_eq(
    'SELECT healthy, reason FROM check_mv_refresh_health()',
    $$VALUES (FALSE, 'never refreshed'), (FALSE, 'never refreshed')$$,
    'a view that was never refreshed is not healthy'
);

INSERT INTO catalogo (id, nome, tipo, status) VALUES
(900001, 'Talhão São João', 'Pastagem', 'ativo'),
(900002, 'Sem geometria', 'Curral', 'ativo'),
(900003, 'Desativado', 'Curral', 'inativo');

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at) VALUES
(900001, st_multi(st_makeenvelope(-43, -17, -42.99, -16.99, 4326)), '2026-03-01'),
(900001, st_geomfromtext('MULTIPOINT((-43.5 -17.5))', 4326), '2027-03-01'),
(900001, st_geomfromtext('MULTIPOLYGON(((-43 -17,-42 -16,-42 -17,-43 -16,-43 -17)))', 4326), '2028-03-01');

SELECT results_eq(
    'SELECT view_name, outcome, row_count, error_text FROM refresh_all_materialized_views()',
    $$VALUES
        ('mv_catalogo_geometrias_stats', 'success', (SELECT count(*) FROM catalogo), NULL::text),
        ('mv_catalogo_search_indexed', 'success', (SELECT count(*) FROM catalogo WHERE status = 'ativo'), NULL)$$,
    'both views are refreshed and logged'
);
SELECT is((
    SELECT count(*) FROM mv_refresh_log AS run
    WHERE run.finished_at IS NOT NULL
), 2::bigint, 'one row a view');

SELECT results_eq(
    $$
    SELECT nome, tipo, total_geometrias, valid_geometry_percent, first_created, last_updated
    FROM mv_catalogo_geometrias_stats WHERE catalogo_id = 900001
    $$,
    $$VALUES ('Talhão São João', 'Pastagem', 3::bigint, 66.67, '2026-03-01'::timestamptz, now())$$,
    'counts, share of valid ones and dates'
);
SELECT ok(
    (
        SELECT st_equals(stats.bounds_wkt::geometry, st_makeenvelope(-43.5, -17.5, -42, -16))
        FROM mv_catalogo_geometrias_stats AS stats
        WHERE stats.catalogo_id = 900001
    ),
    'bounds are the envelope of all geometries'
);
SELECT is(
    (
        SELECT stats.avg_points_per_geom FROM mv_catalogo_geometrias_stats AS stats
        WHERE stats.catalogo_id = 900001
    ),
    round((5 + 1 + 5) / 3.0, 2),
    'mean number of vertices'
);

DELETE FROM catalogo_geometrias_particionada
WHERE catalogo_id = 900001 AND created_at = '2028-03-01';

SELECT lives_ok('SELECT refresh_all_materialized_views()', 'refreshed again');
SELECT ok(
    (
        SELECT abs(stats.total_area_m2 / st_area(st_makeenvelope(-43, -17, -42.99, -16.99, 4326)::geography) - 1) < 1e-9
        FROM mv_catalogo_geometrias_stats AS stats
        WHERE stats.catalogo_id = 900001
    ),
    'area is in square metres; points add none'
);
SELECT cmp_ok(
    (
        SELECT stats.total_area_m2 FROM mv_catalogo_geometrias_stats AS stats
        WHERE stats.catalogo_id = 900001
    ),
    '>',
    1e6::double precision,
    'a hundredth of a degree squared is about a square kilometre'
);
SELECT results_eq(
    $$
    SELECT total_geometrias, valid_geometry_percent, bounds_wkt, total_area_m2
    FROM mv_catalogo_geometrias_stats WHERE catalogo_id = 900002
    $$,
    $$VALUES (0::bigint, NULL::numeric, NULL::text, 0::double precision)$$,
    'an entry without geometries has its row'
);
SELECT results_eq(
    'SELECT materialized_at FROM mv_catalogo_geometrias_stats ORDER BY catalogo_id',
    'SELECT folded_at FROM catalogo_summary ORDER BY catalogo_id',
    'materialized_at is when the values were computed'
);
SELECT results_eq(
    $$
    SELECT id, is_active, is_geometric, geom_count, valid_geometry_pct
    FROM mv_catalogo_search_indexed WHERE id > 900000 ORDER BY id
    $$,
    $$VALUES (900001::bigint, TRUE, TRUE, 2::bigint, 100.00), (900002, TRUE, FALSE, 0, NULL)$$,
    'only active entries are searched'
);

SELECT results_eq(
    'SELECT healthy, reason FROM check_mv_refresh_health()', $$VALUES (TRUE, 'fresh'), (TRUE, 'fresh')$$, 'fresh now'
);

UPDATE mv_refresh_log SET started_at = now() - interval '3 hours'
WHERE view_name = 'mv_catalogo_search_indexed';

INSERT INTO mv_refresh_log (view_name, finished_at, outcome, error_text)
VALUES ('mv_catalogo_search_indexed', clock_timestamp(), 'failed', 'out of disk');

SELECT results_eq(
    'SELECT healthy, reason FROM check_mv_refresh_health() ORDER BY view_name',
    $$VALUES
        (TRUE, 'fresh'),
        (FALSE, 'last success 10800 s ago, allowed 7200 s: 1 failed since, last error: out of disk')$$,
    'an old view is not healthy, and the last error is said'
);
SELECT ok(
    (
        SELECT bool_and(health.healthy)
        FROM check_mv_refresh_health(interval '4 hours') AS health
    ),
    'the allowed age is a parameter'
);
SELECT results_eq(
    $$
    SELECT last_outcome, last_error, runs_24h, failures_24h FROM v_mv_refresh_status
    WHERE view_name = 'mv_catalogo_search_indexed'
    $$,
    $$VALUES ('failed', 'out of disk', 3::bigint, 1::bigint)$$,
    'the status view tells of the last run and of the last day'
);


-- Without its unique index a view cannot be refreshed concurrently; the other one must not mind.
DROP INDEX mv_catalogo_geometrias_stats_key;

SELECT results_eq(
    'SELECT view_name, outcome FROM refresh_all_materialized_views()',
    $$VALUES ('mv_catalogo_geometrias_stats', 'failed'), ('mv_catalogo_search_indexed', 'success')$$,
    'one failing does not stop the other'
);
SELECT matches(
    (
        SELECT run.error_text FROM mv_refresh_log AS run
        WHERE run.view_name = 'mv_catalogo_geometrias_stats'
        ORDER BY run.id DESC
        LIMIT 1
    ),
    'cannot refresh materialized view .* concurrently',
    'and its error is kept'
);
SELECT throws_ok(
    $$SELECT refresh_materialized_view('pg_class; DROP TABLE catalogo')$$,
    '22023',
    'no view ''pg_class; DROP TABLE catalogo'' to refresh',
    'other names are refused'
);


SET LOCAL ROLE mundo_app;

SELECT lives_ok('SELECT refresh_all_materialized_views()', 'the app may ask for a refresh');

RESET ROLE;

SELECT is(
    (
        SELECT count(*) FROM pg_proc
        WHERE proname = 'refresh_materialized_view' AND proconfig @> ARRAY['max_parallel_workers_per_gather=0']
    ),
    1::bigint,
    'a refresh takes no parallel workers'
);

SELECT finish();

ROLLBACK;
