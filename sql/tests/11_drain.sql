-- What lies in DEFAULT gets its year; what has no plausible year stays.
BEGIN;

SELECT plan(28);

SET LOCAL timezone = 'America/Sao_Paulo';

DELETE FROM partition_maintenance_log;

INSERT INTO catalogo (id, nome, tipo) VALUES (900001, 'Talhão', 'Pastagem');

CREATE PROCEDURE pg_temp.put(VARIADIC p_created_at text[]) LANGUAGE sql AS $$
    INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
    SELECT 900001, st_geomfromtext('MULTIPOINT((0 0))', 4326), given.created_at::timestamptz
    FROM unnest(p_created_at) AS given (created_at)
$$;

CREATE FUNCTION pg_temp.places() RETURNS TABLE (place text, n bigint) LANGUAGE sql AS $$
    SELECT part.tableoid::regclass::text, count(*) FROM catalogo_geometrias_particionada AS part
    GROUP BY 1 ORDER BY 1
$$;

-- More rows than are moved one by one.
CREATE PROCEDURE pg_temp.put_many(p_year integer) LANGUAGE sql AS $$
    INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
    SELECT 900001, st_geomfromtext('MULTIPOINT((0 0))', 4326), make_timestamptz(p_year, 6, 1, 0, 0, i / 60, 'UTC')
    FROM generate_series(1, 2500) AS i
$$;

-- One table as a reader of the schema sees it: columns, comments, constraints, indexes, triggers and rights.
CREATE FUNCTION pg_temp.looks(p_table text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(string_agg(trait.line, E'\n' ORDER BY trait.line), p_table, 'X')
    FROM (
        SELECT concat_ws(
            ' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attislocal, attinhcount, attstorage,
            col_description(attrelid, attnum)
        ) FROM pg_attribute WHERE attrelid = to_regclass(p_table) AND attnum > 0
        UNION ALL
        SELECT concat_ws(' ', conname, pg_get_constraintdef(oid), conislocal, coninhcount, conparentid <> 0, convalidated)
        FROM pg_constraint WHERE conrelid = to_regclass(p_table)
        UNION ALL
        SELECT concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, inh.inhparent::regclass)
        FROM pg_index AS i LEFT JOIN pg_inherits AS inh ON inh.inhrelid = i.indexrelid WHERE indrelid = to_regclass(p_table)
        UNION ALL
        SELECT concat_ws(' ', pg_get_triggerdef(oid), tgparentid <> 0)
        FROM pg_trigger WHERE tgrelid = to_regclass(p_table) AND NOT tgisinternal
        UNION ALL
        SELECT concat_ws(' ', relacl, reloptions, relpersistence, obj_description(oid, 'pg_class'))
        FROM pg_class WHERE oid = to_regclass(p_table)
    ) AS trait (line)
$$;

SELECT is_empty('SELECT * FROM drain_default_partition()', 'nothing to do');
SELECT is_empty('SELECT FROM partition_maintenance_log', 'is not worth a row of the log');

SELECT lives_ok('SELECT create_missing_year_partitions(2049, 2049)', 'a year made in the ordinary way, to compare with');
CREATE TEMPORARY TABLE ordinary AS
SELECT
    pg_temp.looks('catalogo_geometrias_2049') AS a_year,
    pg_temp.looks('catalogo_geometrias_default') AS the_default,
    'catalogo_geometrias_default'::regclass::oid AS default_oid;

CALL pg_temp.put('2050-01-01Z', '2050-12-31 23:59:59.999999Z', '2050-12-31 20:59-03', '1999-12-31 21:59-03');
CALL pg_temp.put_many(2050);
SELECT results_eq(
    'SELECT * FROM drain_default_partition()',
    $$VALUES
        (2000, 'catalogo_geometrias_2000', 'created', 1::bigint),
        (2050, 'catalogo_geometrias_2050', 'created', 2503::bigint)$$,
    'a year with most rows of DEFAULT takes it over'
);
SELECT results_eq(
    'SELECT * FROM pg_temp.places()',
    $$VALUES ('catalogo_geometrias_2000', 1::bigint), ('catalogo_geometrias_2050', 2503)$$,
    'with its first and last instant; the other row is moved'
);
SELECT is(
    'catalogo_geometrias_2050'::regclass::oid, (SELECT ordinary.default_oid FROM ordinary), 'it is the table that was DEFAULT'
);
SELECT is(
    partition_range('catalogo_geometrias_2050'),
    tstzrange('2050-01-01 00:00+00', '2051-01-01 00:00+00'),
    'its bounds are UTC years, whatever the session''s time zone'
);
SELECT is(
    replace(pg_temp.looks('catalogo_geometrias_2050'), '2050', '2049'),
    (SELECT ordinary.a_year FROM ordinary),
    'it looks as if made in the ordinary way'
);
SELECT is(
    pg_temp.looks('catalogo_geometrias_default'), (SELECT ordinary.the_default FROM ordinary),
    'and the new DEFAULT like the one before'
);
SELECT results_eq(
    'SELECT action, outcome, range_from, range_to, rows_moved, message FROM partition_maintenance_log'
    ' WHERE partition_name = ''catalogo_geometrias_2050''',
    $$VALUES ('drain', 'success', '2050-01-01Z'::timestamptz, '2051-01-01Z'::timestamptz, 2503::bigint, NULL)$$,
    'the log says so'
);
SELECT is_empty('SELECT * FROM drain_default_partition()', 'once is enough');

DELETE FROM catalogo_geometrias_particionada;
CALL pg_temp.put('2050-12-31 23:30-03', '2052-02-29 12:00Z', '2052-03-01Z', '2052-04-01Z', '2002-12-31 22:00-03');
SELECT results_eq(
    'SELECT * FROM drain_default_partition()',
    $$VALUES
        (2003, 'catalogo_geometrias_2003', 'created', 1::bigint),
        (2051, 'catalogo_geometrias_2051', 'created', 1::bigint),
        (2052, 'catalogo_geometrias_2052', 'created', 3::bigint)$$,
    'several years at once; New Year''s Eve on the farm belongs to the next year'
);
SELECT results_eq(
    'SELECT * FROM pg_temp.places()',
    $$VALUES ('catalogo_geometrias_2003', 1::bigint), ('catalogo_geometrias_2051', 1), ('catalogo_geometrias_2052', 3)$$,
    'each in its own'
);

CALL pg_temp.put('-infinity', 'infinity', '0044-03-15 BC', '1969-12-31 23:59:59Z', '2101-01-01Z', '294000-01-01Z');
CREATE TEMPORARY TABLE strange AS TABLE catalogo_geometrias_default;
SELECT is_empty('SELECT * FROM drain_default_partition()', 'implausible years get no partition');
CALL pg_temp.put('1970-01-01Z', '2100-12-31 23:59:59.999999Z');
SELECT results_eq(
    'SELECT partition_year, action, rows_moved FROM drain_default_partition()',
    $$VALUES (1970, 'created', 1::bigint), (2100, 'created', 1::bigint)$$,
    'the first and the last plausible year do'
);
CALL pg_temp.put_many(2060);
SELECT results_eq(
    'SELECT partition_year, action, rows_moved FROM drain_default_partition()',
    $$VALUES (2060, 'created', 2500::bigint)$$,
    'a year takes DEFAULT over from implausible rows'
);
SELECT bag_eq(
    'SELECT * FROM catalogo_geometrias_default', 'SELECT * FROM strange', 'which lie in the new one, unchanged'
);
SELECT is_empty('SELECT * FROM drain_default_partition(2000, 2050)', 'a narrower range');
SELECT results_eq(
    'SELECT partition_year, rows_moved FROM drain_default_partition(1900, 2200)',
    $$VALUES (1969, 1::bigint), (2101, 1::bigint)$$,
    'and a wider one'
);

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT
    900001 AS entry,
    st_geomfromtext('MULTIPOINT((0 0))', 4326) AS geom,
    make_timestamptz(years.y, 7, 1, 0, 0, 0, 'UTC') AS created_at
FROM generate_series(2110, 2134) AS years (y);
SELECT is(
    (SELECT count(*) FROM drain_default_partition(1970, 2200)), 20::bigint, 'one run makes 20 partitions at most'
);
SELECT is((SELECT count(*) FROM drain_default_partition(1970, 2200)), 5::bigint, 'the next one goes on');

CREATE TABLE catalogo_geometrias_2070 (somebody_elses integer);
CALL pg_temp.put('2070-01-01Z', '2070-01-02Z', '2070-01-02Z', '2070-01-02Z', '2070-01-02Z', '2070-01-02Z', '2071-01-01Z');
SELECT results_eq(
    'SELECT partition_year, action FROM drain_default_partition()',
    $$VALUES (2070, 'failed'), (2071, 'created')$$,
    'one year failing does not stop the others'
);
SELECT results_eq(
    'SELECT partition_year, action FROM drain_default_partition()', $$VALUES (2070, 'failed')$$, 'it fails again'
);
SELECT results_eq(
    $$SELECT outcome, message FROM partition_maintenance_log WHERE partition_name = 'catalogo_geometrias_2070'$$,
    $$VALUES ('failed', 'relation "catalogo_geometrias_2070" already exists')$$,
    'and the same reason is logged once a minute'
);
SELECT is(
    (
        SELECT count(*) FROM catalogo_geometrias_default AS part
        WHERE part.created_at BETWEEN '2070-01-01Z' AND '2071-01-01Z'
    ),
    6::bigint,
    'its rows are still there'
);
DROP TABLE catalogo_geometrias_2070;
SELECT results_eq(
    'SELECT partition_year, action, rows_moved FROM drain_default_partition()',
    $$VALUES (2070, 'created', 6::bigint)$$,
    'until the reason is gone'
);
SELECT throws_ok(
    'SELECT drain_default_partition(2000, NULL)', '22023', NULL, 'a range without an end is refused'
);
SELECT throws_ok(
    'SELECT drain_default_partition(1899, 2000)', '22023', NULL, 'and one that begins too early'
);

SELECT finish();

ROLLBACK;
