-- Old years leave the table without being lost, and come back.
BEGIN;

SELECT plan(31);

DELETE FROM partition_maintenance_log;

INSERT INTO catalogo (id, nome, tipo) VALUES (900001, 'Talhão', 'Pastagem'), (900002, 'Açude', 'Água');

CREATE PROCEDURE pg_temp.put(p_entry bigint, VARIADIC p_created_at text[]) LANGUAGE sql AS $$
    INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
    SELECT p_entry, st_geomfromtext('MULTIPOINT((0 0))', 4326), given.created_at::timestamptz
    FROM unnest(p_created_at) AS given (created_at)
$$;

SELECT ok(
    (SELECT bool_and(made.action = 'created') FROM create_missing_year_partitions(2010, 2012) AS made), 'three old years'
);
CALL pg_temp.put(900001, '2010-01-01Z', '2010-06-01Z', '2012-01-01Z');
CALL pg_temp.put(900002, '2010-12-31 23:59:59.999999Z', '2026-01-01Z');
DELETE FROM catalogo_change_queue;

SELECT results_eq(
    $$SELECT * FROM detach_old_partitions(extract(YEAR FROM now())::integer - 2012)$$,
    $$VALUES
        ('catalogo_geometrias_2010', 2010, '2010-01-01Z'::timestamptz, '2011-01-01Z'::timestamptz, 3::bigint, 'would detach'),
        ('catalogo_geometrias_2011', 2011, '2011-01-01Z'::timestamptz, '2012-01-01Z'::timestamptz, 0::bigint, 'would detach')$$,
    'a dry run, the default, names the years that ended long enough ago'
);
SELECT is((SELECT count(*) FROM detach_old_partitions(1000)), 0::bigint, 'nothing is that old');
SELECT results_eq(
    'SELECT action FROM detach_old_partitions(14, NULL)',
    'SELECT action FROM detach_old_partitions(14, TRUE)',
    'NULL is a dry run as well'
);
SELECT is_empty('SELECT FROM partition_maintenance_log WHERE action = ''detach''', 'it logs nothing');
SELECT is_empty('SELECT FROM catalogo_change_queue', 'queues nothing');
SELECT is((SELECT count(*) FROM catalogo_geometrias_particionada), 5::bigint, 'and changes nothing');

SELECT results_eq(
    $$
    SELECT partition_name, row_count, action
    FROM detach_old_partitions(extract(YEAR FROM now())::integer - 2012, FALSE)
    $$,
    $$VALUES
        ('catalogo_geometrias_2010', 3::bigint, 'detached'),
        ('catalogo_geometrias_2011', 0::bigint, 'detached')$$,
    'then in earnest'
);
SELECT is((SELECT count(*) FROM catalogo_geometrias_particionada), 2::bigint, 'the table has the younger rows');
SELECT is((SELECT count(*) FROM archive.catalogo_geometrias_2010), 3::bigint, 'the archive the older ones');
SELECT hasnt_table('public', 'catalogo_geometrias_2010', 'no longer in public');
SELECT set_eq(
    'SELECT catalogo_id FROM catalogo_change_queue',
    ARRAY[900001, 900002]::bigint[],
    'their entries are queued'
);
SELECT results_eq(
    'SELECT partition_name, outcome, message FROM partition_maintenance_log WHERE action = ''detach'' ORDER BY id',
    $$VALUES
        ('catalogo_geometrias_2010', 'success', '3 rows to schema archive'),
        ('catalogo_geometrias_2011', 'success', '0 rows to schema archive')$$,
    'it is logged'
);
SELECT results_eq(
    'SELECT partition_year, partition_name, action FROM create_missing_year_partitions(2009, 2012)',
    $$VALUES
        (2009, 'catalogo_geometrias_2009', 'created'),
        (2010, 'archive.catalogo_geometrias_2010', 'exists'),
        (2011, 'archive.catalogo_geometrias_2011', 'exists'),
        (2012, 'catalogo_geometrias_2012', 'exists')$$,
    'what is in the archive is not made again'
);
SELECT table_privs_are('archive', 'catalogo_geometrias_2010', 'mundo_reader', ARRAY['SELECT']);
SELECT table_privs_are('archive', 'catalogo_geometrias_2010', 'mundo_app', ARRAY[]::text[]);
SELECT schema_privs_are('archive', 'mundo_reader', ARRAY['USAGE']);
SELECT schema_privs_are('archive', 'mundo_app', ARRAY[]::text[]);
SELECT schema_privs_are('archive', 'mundo_exporter', ARRAY[]::text[]);

SELECT lives_ok($$CALL pg_temp.put(900002, '2010-07-01Z')$$, 'a new row of such a year is accepted');
SELECT is_empty('SELECT * FROM drain_default_partition()', 'and stays in DEFAULT');
SELECT results_eq(
    'SELECT undrained_rows, archived_rows, archived_years, implausible_rows FROM v_default_partition_status',
    $$VALUES (0::bigint, 1::bigint, ARRAY[2010], 0::bigint)$$,
    'where it is told from rows that wait'
);

DELETE FROM catalogo
WHERE id = 900001;
SELECT is(
    (SELECT count(*) FROM archive.catalogo_geometrias_2010), 1::bigint, 'an entry takes its archived geometries along'
);

DELETE FROM catalogo_change_queue;
SELECT is(reattach_partition(2010), 2::bigint, 'a year comes back, with what came in the meantime');
SELECT results_eq(
    $$
    SELECT tableoid::regclass::text, count(*) FROM catalogo_geometrias_particionada
    WHERE created_at < '2011-01-01Z' GROUP BY 1
    $$,
    $$VALUES ('catalogo_geometrias_2010', 2::bigint)$$,
    'in its partition'
);
SELECT results_eq(
    'SELECT DISTINCT catalogo_id FROM catalogo_change_queue', ARRAY[900002]::bigint[], 'its entries are queued'
);
SELECT results_eq(
    'SELECT partition_name, outcome, rows_moved, message FROM partition_maintenance_log WHERE action = ''reattach''',
    $$VALUES ('catalogo_geometrias_2010', 'success', 1::bigint, '1 rows from schema archive')$$,
    'and logged'
);
SELECT results_eq(
    $$
    SELECT replace(conname, '2010', 'X'), pg_get_constraintdef(oid), coninhcount::integer FROM pg_constraint
    WHERE conrelid = 'catalogo_geometrias_2010'::regclass ORDER BY 1
    $$,
    $$
    SELECT replace(conname, '2009', 'X'), pg_get_constraintdef(oid), coninhcount::integer FROM pg_constraint
    WHERE conrelid = 'catalogo_geometrias_2009'::regclass ORDER BY 1
    $$,
    'with the constraints of any other'
);
SELECT throws_ok(
    'SELECT reattach_partition(2010)', '42P01', 'schema archive has no partition of the year 2010', 'only once'
);
SELECT throws_ok(
    'SELECT * FROM detach_old_partitions(0, FALSE)', '22023', 'keep_years is 0, allowed is 1 to 1000', 'a bad setting'
);
SELECT throws_ok('SELECT * FROM detach_old_partitions(NULL)', '22023', NULL, 'and none are refused');

SELECT finish();

ROLLBACK;
