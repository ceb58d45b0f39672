-- The capacity plan: what is measured, and what becomes of a plan.
BEGIN;

SELECT plan(25);

TRUNCATE catalogo CASCADE;

DELETE FROM capacity_plan;

SELECT is(
    (
        SELECT sum(total_bytes) FROM v_capacity_size
        WHERE part = 'geometries'
    ),
    (
        SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
        WHERE inhparent = 'catalogo_geometrias_particionada'::regclass
    ),
    'every partition is measured, to the byte'
);
SELECT is_empty(
    $$
    SELECT * FROM v_capacity_size
    WHERE total_bytes <> heap_bytes + map_bytes + index_bytes + toast_bytes OR map_bytes < 0
        OR total_bytes <> pg_total_relation_size(relation_name::regclass)
    $$,
    'the parts add up'
);
SELECT results_eq(
    $$
    SELECT count(*), sum(index_bytes + toast_bytes - empty_index_bytes - empty_toast_bytes) FROM v_capacity_size
    WHERE part = 'geometries' AND heap_bytes = 0
    $$,
    $$SELECT count(*), 0::numeric FROM pg_inherits WHERE inhparent = 'catalogo_geometrias_particionada'::regclass$$,
    'a partition without rows has nothing but what it has without rows'
);
SELECT ok(
    (
        SELECT bool_and(files = 7)
        FROM v_capacity_size
        WHERE part = 'geometries'
    ),
    'heap, TOAST with its index, and four indexes are its files'
);
SELECT set_has(
    $$SELECT relation_name FROM v_capacity_size WHERE part = 'catalogue'$$,
    $$VALUES ('catalogo'), ('catalogo_origem'), ('catalogo_summary'), ('mv_catalogo_search_indexed')$$,
    'what grows beside the partitions is measured'
);

CREATE TABLE archive.catalogo_geometrias_1971 (LIKE catalogo_geometrias_particionada INCLUDING ALL);

SELECT results_eq(
    $$SELECT relation_name COLLATE "default", empty_toast_bytes FROM v_capacity_size WHERE part = 'archive'$$,
    $$VALUES ('catalogo_geometrias_1971', 8192::bigint)$$,
    'detached partitions are measured too'
);

DROP TABLE archive.catalogo_geometrias_1971;

SELECT is_empty('SELECT * FROM v_capacity_status', 'no plan, no status');

INSERT INTO catalogo (id, nome, tipo) VALUES (900001, 'a', 'b');

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT
    900001 AS catalogo_id,
    st_geomfromtext('MULTIPOINT((0 0))', 4326) AS geom,
    now() AS created_at
FROM generate_series(1, 60);

-- Half of the time from starts_at to the end of the year has passed.
CREATE TEMPORARY TABLE half ON COMMIT DROP AS
SELECT
    extract(YEAR FROM now() AT TIME ZONE 'UTC')::integer AS this_year,
    now() - (make_timestamptz(extract(YEAR FROM now() AT TIME ZONE 'UTC')::integer + 1, 1, 1, 0, 0, 0, 'UTC') - now())
        AS starts_at,
    sum(total_bytes)::bigint AS bytes
FROM v_capacity_size;

INSERT INTO capacity_plan (
    scenario, year, growth, starts_at, start_rows, start_bytes,
    rows, heap_bytes, index_bytes, toast_bytes, catalogue_bytes, wal_bytes, margin_bytes
)
SELECT
    wanted.scenario,
    half.this_year + wanted.later AS year, -- noqa: RF04
    0.2 AS growth,
    half.starts_at,
    20 AS start_rows,
    half.bytes AS start_bytes,
    wanted.rows,
    half.bytes AS heap_bytes,
    wanted.more AS index_bytes,
    0 AS toast_bytes,
    0 AS catalogue_bytes,
    0 AS wal_bytes,
    0 AS margin_bytes
FROM half
CROSS JOIN
    (
        VALUES
        ('low', 0, 60, 0),
        ('expected', 0, 80, 1000),
        ('high', 0, 59, 1000),
        ('high', 1, 1000, 1000)
    ) AS wanted (scenario, later, rows, more);

SELECT results_eq(
    $$SELECT scenario, projected_rows, projected_rows_year_end, actual_rows FROM v_capacity_status ORDER BY scenario$$,
    $$VALUES
        ('expected', 50::bigint, 80::bigint, 60::bigint),
        ('high', 40::bigint, 59::bigint, 60::bigint),
        ('low', 40::bigint, 60::bigint, 60::bigint)$$,
    'this year alone, a row a scenario, projected in equal steps'
);
SELECT is(
    (
        SELECT round(rows_error::numeric, 9) FROM v_capacity_status
        WHERE scenario = 'expected'
    ),
    0.2,
    '60 where 50 were projected are 20 % more'
);
SELECT is(
    (
        SELECT round(rows_of_year_end::numeric, 9) FROM v_capacity_status
        WHERE scenario = 'expected'
    ),
    0.75,
    'and three quarters of the year''s 80'
);
SELECT ok(
    (
        SELECT
            abs(status.bytes_error - (half.bytes / (half.bytes + 500.0) - 1)) < 1e-9
            AND status.projected_bytes = half.bytes + 500
            AND status.projected_bytes_year_end = half.bytes + 1000
            AND status.actual_bytes = half.bytes
        FROM v_capacity_status AS status
        CROSS JOIN half
        WHERE status.scenario = 'expected'
    ),
    'bytes in the same way'
);
SELECT results_eq(
    'SELECT scenario, exceeded FROM v_capacity_status ORDER BY scenario',
    $$VALUES ('expected', FALSE), ('high', TRUE), ('low', FALSE)$$,
    'one row more than the end of the year has exceeds it, as many do not'
);

UPDATE capacity_plan SET heap_bytes = heap_bytes - 1
WHERE scenario = 'low';

SELECT is(
    (
        SELECT exceeded FROM v_capacity_status
        WHERE scenario = 'low'
    ),
    TRUE,
    'so does one byte more'
);

UPDATE capacity_plan SET margin_bytes = 1
WHERE scenario = 'low';

SELECT is(
    (
        SELECT exceeded FROM v_capacity_status
        WHERE scenario = 'low'
    ),
    FALSE,
    'but not within the margin'
);

SELECT is_empty(
    'SELECT * FROM v_capacity_status WHERE exceeded <> (greatest(rows_of_year_end, bytes_of_year_end) > 1)',
    'exceeded says whether either share is above 1'
);

UPDATE capacity_plan SET starts_at = now() + interval '10 years'
WHERE scenario = 'low';

SELECT is(
    (
        SELECT projected_rows FROM v_capacity_status
        WHERE scenario = 'low'
    ),
    60::bigint,
    'a row that starts after its year has the year''s end'
);

UPDATE capacity_plan SET
    starts_at = now() - interval '1 minute', start_rows = 0, start_bytes = 0, rows = 0, heap_bytes = 0, index_bytes = 0
WHERE scenario = 'low';

SELECT results_eq(
    $$SELECT rows_error, rows_of_year_end, exceeded FROM v_capacity_status WHERE scenario = 'low'$$,
    $$VALUES (NULL::double precision, NULL::double precision, TRUE)$$,
    'nothing projected: no error to speak of, and exceeded'
);

SELECT throws_ok(
    $$UPDATE capacity_plan SET growth = -1$$, '23514', NULL, 'a year cannot bring less than nothing'
);
SELECT throws_ok($$UPDATE capacity_plan SET rows = start_rows - 1$$, '23514', NULL, 'rows are never fewer than before');
SELECT is(
    (
        SELECT bool_and(total_bytes = heap_bytes + index_bytes + toast_bytes + catalogue_bytes) FROM capacity_plan
    ),
    TRUE,
    'the total is the sum of its parts'
);
SELECT table_privs_are('capacity_plan', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('capacity_plan', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('capacity_plan', 'mundo_reader', ARRAY['SELECT']);

SET LOCAL ROLE mundo_exporter;

SELECT isnt_empty('SELECT * FROM v_capacity_status', 'the exporter reads the status, though not the catalogue');

SET LOCAL ROLE mundo_app;

SELECT isnt_empty('SELECT * FROM v_capacity_size', 'the app reads the sizes');

RESET ROLE;

SELECT finish();

ROLLBACK;
