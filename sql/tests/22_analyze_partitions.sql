-- The planner knows the partitioned table as a whole.
BEGIN;

SELECT plan(4);

INSERT INTO catalogo (nome, tipo) SELECT
    'Talhão ' || n AS nome,
    'talhao' AS tipo
FROM generate_series(1, 50) AS n;
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT
    id,
    st_geomfromtext('MULTIPOINT((-44 -17))', 4326) AS geom,
    make_timestamptz((2026 + id % 5)::integer, 6, 1, 0, 0, 0, 'UTC') AS created_at
FROM catalogo
WHERE tipo = 'talhao';

SELECT is(analyze_partitions() >= now(), true, 'the end of the run is given');
SELECT cmp_ok(
    (
        SELECT count(*) FROM pg_stats
        WHERE schemaname = 'public' AND tablename = 'catalogo_geometrias_particionada' AND inherited
    ),
    '>=', 5::bigint, 'the parent has statistics of its own'
);
SELECT cmp_ok(
    (
        SELECT reltuples::bigint FROM pg_class
        WHERE oid = 'public.catalogo_geometrias_particionada'::regclass
    ),
    '>=', 50::bigint, 'and a number of rows'
);
TRUNCATE catalogo CASCADE;
SELECT lives_ok('SELECT analyze_partitions()', 'an empty table is no problem');

SELECT finish();

ROLLBACK;
