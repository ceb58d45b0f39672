-- What people and metrics are told about the partitions.
BEGIN;

SELECT plan(20);

SET LOCAL timezone = 'America/Sao_Paulo';
SET LOCAL datestyle = 'German';

DELETE FROM partition_maintenance_log;

INSERT INTO catalogo (id, nome, tipo) VALUES (900001, 'Talhão', 'Pastagem');

CREATE PROCEDURE pg_temp.put(VARIADIC p_created_at text[]) LANGUAGE sql AS $$
    INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
    SELECT 900001, st_geomfromtext('MULTIPOINT((0 0))', 4326), given.created_at::timestamptz
    FROM unnest(p_created_at) AS given (created_at)
$$;

SELECT results_eq(
    'SELECT partition_year, range_from, range_to FROM v_partition_status ORDER BY partition_year',
    $$
    SELECT y, make_timestamptz(y, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz(y + 1, 1, 1, 0, 0, 0, 'UTC')
    FROM generate_series(2026, 2035) AS years (y)
    UNION ALL SELECT NULL::integer, NULL::timestamptz, NULL::timestamptz
    $$,
    'every partition with its range, whatever the session''s time zone and date style'
);
SELECT is(partition_range('catalogo'), NULL, 'what is no partition has no range');
SELECT is(partition_range('catalogo_geometrias_default'), NULL, 'nor has DEFAULT');
SELECT is(year_partition(2026), 'catalogo_geometrias_2026'::regclass, 'the partition of a year');
SELECT is(year_partition(1999), NULL, 'or none');
SELECT results_eq(
    'SELECT row_count, undrained_rows, archived_rows, implausible_rows, undrained_since, last_drain_at'
    ' FROM v_default_partition_status',
    $$VALUES (0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::timestamptz, NULL::timestamptz)$$,
    'an empty DEFAULT has a row too'
);

CALL pg_temp.put('2050-01-01Z', '2051-01-01Z', '2051-01-02Z', '-infinity', '0044-03-15 BC', '2150-01-01Z', '2026-06-01Z');
SELECT results_eq(
    'SELECT row_count, undrained_rows, undrained_years, undrained_since, implausible_rows, oldest_created_at'
    ' FROM v_default_partition_status',
    $$VALUES (6::bigint, 3::bigint, ARRAY[2050, 2051], now(), 3::bigint, '-infinity'::timestamptz)$$,
    'what waits, since when, and what is implausible'
);
SELECT results_eq(
    'SELECT row_count, is_exact FROM v_partition_status WHERE partition_year IS NULL',
    $$VALUES (6::bigint, TRUE)$$,
    'rows of DEFAULT are counted'
);
SELECT lives_ok('SELECT create_missing_year_partitions(2045, 2046)', 'two new years');
CALL pg_temp.put('2045-06-01Z');
SELECT results_eq(
    'SELECT row_count, is_exact FROM v_partition_status WHERE partition_year IN (2045, 2046) ORDER BY partition_year',
    $$VALUES (NULL::bigint, FALSE), (0::bigint, TRUE)$$,
    'rows of a year are unknown until it is analyzed, but for an empty one'
);
ANALYZE catalogo_geometrias_2045;
SELECT results_eq(
    'SELECT row_count, is_exact FROM v_partition_status WHERE partition_year = 2045',
    $$VALUES (1::bigint, FALSE)$$,
    'and estimated then'
);
SELECT results_eq(
    $$
    SELECT heap_bytes + index_bytes + toast_bytes, heap_bytes > 0, index_bytes > 0, toast_bytes > 0
    FROM v_partition_status WHERE partition_year = 2026
    $$,
    $$VALUES (pg_total_relation_size('catalogo_geometrias_2026'), TRUE, TRUE, TRUE)$$,
    'sizes add up to the whole table'
);
SELECT lives_ok('SELECT drain_default_partition()', 'a drain');
SELECT results_eq(
    'SELECT undrained_rows, undrained_years, undrained_since, implausible_rows, last_drain_at IS NOT NULL, last_drain_outcome'
    ' FROM v_default_partition_status',
    $$VALUES (0::bigint, ARRAY[]::integer[], NULL::timestamptz, 3::bigint, TRUE, 'success')$$,
    'leaves nothing that waits, in the new DEFAULT'
);
SELECT lives_ok(
    $$
    SELECT cron.schedule(
        'drain-default-partition', '0 0 1 1 *', 'SELECT drain_default_partition(2000, 2160)'
    )
    $$,
    'a job with another range'
);
SELECT results_eq(
    'SELECT plausible_first_year, plausible_last_year, undrained_years, implausible_rows FROM v_default_partition_status',
    $$VALUES (2000, 2160, ARRAY[2150], 2::bigint)$$,
    'says which years are plausible'
);

SET LOCAL ROLE mundo_exporter;
SELECT isnt_empty('SELECT * FROM v_partition_status', 'the exporter reads the one');
SELECT isnt_empty('SELECT * FROM v_default_partition_status', 'and the other');
SET LOCAL ROLE mundo_app;
SELECT isnt_empty('SELECT * FROM v_partition_status, v_default_partition_status', 'so does the app');
SET LOCAL ROLE mundo_reader;
SELECT isnt_empty('SELECT * FROM v_partition_status, v_default_partition_status', 'and whoever reads');
RESET ROLE;

SELECT finish();

ROLLBACK;
