-- Bounds of one entry now, and the table of all of them.
BEGIN;

SELECT plan(16);

TRUNCATE catalogo CASCADE;

INSERT INTO catalogo (id, nome, tipo) VALUES (1, 'Talhão', 'Pastagem'), (2, 'Sem geometria', 'Curral');

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at) VALUES
(1, st_multi(st_makeenvelope(-43, -17, -42, -16, 4326)), '2026-06-01'),
(1, st_multi(st_makeenvelope(-41, -17, -40, -16, 4326)), '1999-06-01');

SET LOCAL ROLE mundo_app;

SELECT results_eq(
    'SELECT min_lon, min_lat, max_lon, max_lat, geom_count, is_validated, updated_at FROM catalogo_bounds(1)',
    $$VALUES (-43::float8, -17::float8, -40::float8, -16::float8, 2::bigint, TRUE, now())$$,
    'bounds over all partitions'
);
SELECT results_eq(
    'SELECT round(centroid_lon::numeric, 9), round(centroid_lat::numeric, 9) FROM catalogo_bounds(1)',
    $$VALUES (-41.5, -16.5)$$,
    'centroid of all geometries'
);
SELECT ok(
    (SELECT st_equals(b.bounds_wkt::geometry, st_makeenvelope(-43, -17, -40, -16)) FROM catalogo_bounds(1) AS b),
    'and the same as WKT'
);
SELECT results_eq(
    'SELECT min_lon, bounds_wkt, geom_count, is_validated FROM catalogo_bounds(2)',
    $$VALUES (NULL::float8, NULL::text, 0::bigint, NULL::boolean)$$,
    'an entry without geometries has no bounds'
);
SELECT is_empty('SELECT FROM catalogo_bounds(3)', 'an unknown entry has no row');

CREATE TEMPORARY TABLE straight AS
SELECT b.* -- noqa: AM04
FROM catalogo AS entry
CROSS JOIN LATERAL catalogo_bounds(entry.id) AS b;

SELECT ok(fold_catalogo_changes() > 0, 'the changes are folded');
SELECT set_eq(
    'SELECT b.* FROM catalogo AS entry CROSS JOIN LATERAL catalogo_bounds(entry.id) AS b',
    'SELECT * FROM straight',
    'from the summary come the same bounds, to the last bit'
);
SELECT is_empty('SELECT FROM catalogo_bounds(3)', 'an unknown entry has no row there either');

UPDATE catalogo_geometrias_particionada SET geom = st_translate(geom, 1, 0)
WHERE created_at < '2000-01-01';

SELECT results_eq(
    'SELECT max_lon FROM catalogo_bounds(1)', ARRAY[-39]::float8[], 'a change that is not folded yet counts'
);

UPDATE catalogo_geometrias_particionada SET geom = st_translate(geom, -1, 0)
WHERE created_at < '2000-01-01';


SELECT is(populate_bounds_cache(), 1::bigint, 'the table is filled');
SELECT is(populate_bounds_cache(), 0::bigint, 'and filled once');
SELECT results_eq(
    'SELECT catalogo_id, min_lat, max_lat, min_lon, max_lon, is_validated FROM catalogo_bounds_cache',
    $$VALUES (1::bigint, -17::float8, -16::float8, -43::float8, -40::float8, TRUE)$$,
    'with the same bounds'
);

DELETE FROM catalogo_geometrias_particionada
WHERE created_at < '2000-01-01';

SELECT is(populate_bounds_cache(), 1::bigint, 'a change is taken over');

DELETE FROM catalogo_geometrias_particionada;

SELECT is(populate_bounds_cache(), 1::bigint, 'and so is the loss of the last geometry');
SELECT is_empty('SELECT FROM catalogo_bounds_cache', 'nothing stays');

RESET ROLE;

-- More than is worth looking through: straight from the geometries, whatever the summary says.
INSERT INTO catalogo_change_queue (catalogo_id) SELECT 5 FROM generate_series(1, 20000);
UPDATE catalogo_summary SET geom_count = 7
WHERE catalogo_id = 2;

SELECT results_eq(
    'SELECT geom_count FROM catalogo_bounds(2)', ARRAY[0]::bigint[], 'behind a long queue the geometries are read'
);

RESET ROLE;

SELECT finish();

ROLLBACK;
