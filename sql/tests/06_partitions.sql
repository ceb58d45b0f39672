-- Years are UTC years, whatever the session's time zone; missing ones are made, rows that waited move in.
BEGIN;

SELECT plan(29);

DELETE FROM partition_maintenance_log;

SELECT is(
    (
        SELECT array_agg(child.relname ORDER BY child.relname)::text[]
        FROM pg_inherits
        INNER JOIN pg_class AS child ON pg_inherits.inhrelid = child.oid
        WHERE pg_inherits.inhparent = 'catalogo_geometrias_particionada'::regclass
    ),
    (
        SELECT array_agg('catalogo_geometrias_' || years.y ORDER BY years.y)
        FROM generate_series(2026, 2035) AS years (y)
    ) || 'catalogo_geometrias_default'::text,
    '2026 to 2035 and DEFAULT are there'
);

SET LOCAL timezone = 'Asia/Tokyo';

SELECT lives_ok('SELECT create_missing_year_partitions(2036, 2036)', 'a year made in another time zone');

SET LOCAL timezone = 'UTC';

SELECT is(
    (
        SELECT pg_get_expr(child.relpartbound, child.oid)
        FROM pg_class AS child
        WHERE child.oid = 'catalogo_geometrias_2036'::regclass
    ),
    'FOR VALUES FROM (''2036-01-01 00:00:00+00'') TO (''2037-01-01 00:00:00+00'')',
    'has UTC bounds'
);
SELECT is(
    (
        SELECT pg_get_expr(child.relpartbound, child.oid)
        FROM pg_class AS child
        WHERE child.oid = 'catalogo_geometrias_2028'::regclass
    ),
    'FOR VALUES FROM (''2028-01-01 00:00:00+00'') TO (''2029-01-01 00:00:00+00'')',
    'and so has a leap year'
);
SELECT has_index('catalogo_geometrias_2036', 'catalogo_geometrias_2036_geom_idx', ARRAY['geom']);
SELECT index_is_type('catalogo_geometrias_2036', 'catalogo_geometrias_2036_geom_idx', 'gist');
SELECT has_index('catalogo_geometrias_2036', 'catalogo_geometrias_2036_catalogo_id_idx', ARRAY['catalogo_id']);
SELECT has_index('catalogo_geometrias_2036', 'catalogo_geometrias_2036_created_at_idx', ARRAY['created_at']);
SELECT col_is_pk('catalogo_geometrias_2036', ARRAY['id', 'created_at']);
SELECT fk_ok('catalogo_geometrias_2036', 'catalogo_id', 'catalogo', 'id');
SELECT table_privs_are('catalogo_geometrias_2036', 'mundo_app', ARRAY[]::text[]);
SELECT table_privs_are('catalogo_geometrias_2036', 'mundo_reader', ARRAY['SELECT']);

INSERT INTO catalogo (id, nome, tipo) VALUES (900001, 'Talhão', 'Pastagem');

CREATE FUNCTION pg_temp.lands_in(p_created_at timestamptz) RETURNS text LANGUAGE sql AS $$
    INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
    VALUES (900001, st_geomfromtext('MULTIPOINT((0 0))', 4326), p_created_at)
    RETURNING tableoid::regclass::text
$$;

SELECT is(pg_temp.lands_in('2026-01-01 00:00:00+00'), 'catalogo_geometrias_2026', 'first instant of a year');
SELECT is(pg_temp.lands_in('2026-12-31 23:59:59.999999+00'), 'catalogo_geometrias_2026', 'last instant of a year');
SELECT is(pg_temp.lands_in('2026-12-31 21:30:00-03'), 'catalogo_geometrias_2027', 'New Year''s Eve on the farm');
SELECT is(pg_temp.lands_in('2028-02-29 12:00:00+00'), 'catalogo_geometrias_2028', 'a leap day');
SELECT is(pg_temp.lands_in('1999-06-01 00:00:00+00'), 'catalogo_geometrias_default', 'a year without a partition');
SELECT is(pg_temp.lands_in('2050-06-01 00:00:00+00'), 'catalogo_geometrias_default', 'another one');

SELECT results_eq(
    'SELECT partition_year, partition_name, action, rows_moved FROM create_missing_year_partitions(2049, 2050)',
    $$VALUES
        (2049, 'catalogo_geometrias_2049', 'created', 0::bigint),
        (2050, 'catalogo_geometrias_2050', 'created', 1::bigint)$$,
    'a missing year is made and takes its rows out of DEFAULT'
);
SELECT results_eq(
    'SELECT partition_year, action FROM create_missing_year_partitions(2050, 2050)',
    $$VALUES (2050, 'exists')$$,
    'twice changes nothing'
);
SELECT results_eq(
    $$
    SELECT tableoid::regclass::text FROM catalogo_geometrias_particionada
    WHERE extract(YEAR FROM created_at) IN (1999, 2050) ORDER BY 1
    $$,
    $$VALUES ('catalogo_geometrias_2050'), ('catalogo_geometrias_default')$$,
    'other years stay in DEFAULT'
);
SELECT results_eq(
    $$
    SELECT outcome, range_from, range_to, rows_moved FROM partition_maintenance_log
    WHERE partition_name = 'catalogo_geometrias_2050'
    $$,
    $$VALUES ('success', '2050-01-01 00:00+00'::timestamptz, '2051-01-01 00:00+00'::timestamptz, 1::bigint)$$,
    'what was made is logged'
);

DROP TABLE catalogo_geometrias_2030;

SELECT results_eq(
    'SELECT partition_year, action FROM maintain_partitions(10) WHERE partition_year = 2030',
    $$VALUES (2030, 'created')$$,
    'a gap is filled'
);
SELECT ok(
    to_regclass('catalogo_geometrias_' || extract(YEAR FROM now()) + 10) IS NOT NULL,
    'and the years ahead of the clock are there'
);
SELECT isnt_empty(
    $$SELECT FROM partition_maintenance_log WHERE action = 'maintain' AND outcome = 'success'$$, 'a run is logged'
);

CREATE TABLE catalogo_geometrias_2060 (somebody_elses integer);

SELECT results_eq(
    'SELECT partition_year, action FROM create_missing_year_partitions(2060, 2061)',
    $$VALUES (2060, 'failed'), (2061, 'created')$$,
    'one year failing does not stop the others'
);
SELECT results_eq(
    $$SELECT outcome, message FROM partition_maintenance_log WHERE partition_name = 'catalogo_geometrias_2060'$$,
    $$VALUES ('failed', 'relation "catalogo_geometrias_2060" already exists')$$,
    'and the reason is kept'
);
SELECT throws_ok(
    'SELECT maintain_partitions(0)', '22023', 'years_ahead is 0, allowed is 1 to 50', 'a bad setting is named'
);
SELECT throws_ok(
    'SELECT create_missing_year_partitions(2030, 2020)', '22023', NULL, 'a range that runs backwards is refused'
);

SELECT finish();

ROLLBACK;
