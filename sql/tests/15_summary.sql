-- The summary of each entry, and the fold that keeps it.
BEGIN;

SELECT plan(30);

TRUNCATE catalogo CASCADE;

SELECT lives_ok('SELECT fold_catalogo_changes(1000000)', 'what other tests left is folded');
SELECT is(fold_catalogo_changes(), 0::bigint, 'an empty queue gives 0');
SELECT is_empty('SELECT catalogo_id FROM catalogo_summary', 'an empty catalogue has an empty summary');

INSERT INTO catalogo (id, nome, tipo, status) VALUES
(1, 'Talhão São João', 'Pastagem', 'ativo'),
(2, 'Sem geometria', 'Curral', 'ativo'),
(3, 'Desativado', 'Curral', 'inativo');

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at) VALUES
(1, st_multi(st_makeenvelope(-43, -17, -42.99, -16.99, 4326)), '2026-03-01'),
(1, st_geomfromtext('MULTIPOINT((-43.5 -17.5))', 4326), '2027-03-01'),
(1, st_geomfromtext('MULTIPOLYGON(((-43 -17,-42 -16,-42 -17,-43 -16,-43 -17)))', 4326), '2028-03-01');

SELECT is(fold_catalogo_changes(), 3::bigint, 'three entries are folded, however often they are queued');
SELECT is_empty('SELECT catalogo_id FROM catalogo_change_queue', 'the queue is empty afterwards');
SELECT results_eq(
    $$
    SELECT geom_count, valid_count, min_lon, min_lat, max_lon, max_lat, points, first_created, last_updated, is_active
    FROM catalogo_summary WHERE catalogo_id = 1
    $$,
    $$
    VALUES (
        3::bigint, 2::bigint, -43.5::float8, -17.5::float8, -42::float8, -16::float8, 11::bigint,
        '2026-03-01'::timestamptz, now(), TRUE
    )
    $$,
    'counts, edges, vertices and dates'
);
SELECT results_eq(
    $$
    SELECT geom_count, valid_count, min_lon, centroid_lon, area_m2, points, first_created, last_updated, is_active
    FROM catalogo_summary WHERE catalogo_id = 3
    $$,
    $$
    VALUES (
        0::bigint, 0::bigint, NULL::float8, NULL::float8, 0::float8, 0::bigint, NULL::timestamptz, NULL::timestamptz, FALSE
    )
    $$,
    'an entry without geometries has its row, also when it is not active'
);
SELECT results_eq(
    'SELECT nome_busca, nome_vector @@ catalogo_search_query(''joao''), nome_vector @@ catalogo_search_query(''pastagem'')'
    || ' FROM catalogo_summary WHERE catalogo_id = 1',
    $$VALUES ('talhao sao joao', TRUE, FALSE)$$,
    'the vector of the name holds the name only'
);
SELECT ok(
    (
        SELECT s.search_vector_pt @@ catalogo_search_query('joao pastagem') FROM catalogo_summary AS s
        WHERE s.catalogo_id = 1
    ),
    'the other one all'
);

CREATE TEMPORARY TABLE before AS
SELECT
    s.catalogo_id,
    s.version,
    s.folded_at,
    s.ctid AS place
FROM catalogo_summary AS s;

INSERT INTO catalogo_change_queue (catalogo_id) VALUES (1), (2), (3), (1);

SELECT is(fold_catalogo_changes(), 3::bigint, 'folded again without a change');
SELECT results_eq(
    'SELECT catalogo_id, version, folded_at, ctid FROM catalogo_summary ORDER BY catalogo_id',
    'SELECT catalogo_id, version, folded_at, place FROM before ORDER BY catalogo_id',
    'no row is written'
);

UPDATE catalogo_geometrias_particionada SET catalogo_id = 2
WHERE created_at = '2027-03-01';

SELECT is(fold_catalogo_changes(), 2::bigint, 'a geometry that moves counts for both entries');
SELECT results_eq(
    'SELECT catalogo_id, geom_count FROM catalogo_summary ORDER BY catalogo_id',
    $$VALUES (1::bigint, 2::bigint), (2, 1), (3, 0)$$,
    'and is where it belongs'
);
SELECT ok(
    (
        SELECT min(s.version) > (SELECT max(b.version) FROM before AS b)
        FROM catalogo_summary AS s
        WHERE s.catalogo_id < 3
    ),
    'changed rows have versions above all earlier ones'
);

UPDATE catalogo SET nome = 'Curral', status = 'inativo'
WHERE id = 1;

SELECT is(fold_catalogo_changes(), 1::bigint, 'an entry is changed');
SELECT results_eq(
    $$SELECT nome, nome_busca, is_active, nome_vector @@ 'curral' FROM catalogo_summary WHERE catalogo_id = 1$$,
    $$VALUES ('Curral', 'curral', FALSE, TRUE)$$,
    'and so is its row'
);

DELETE FROM catalogo
WHERE id = 2;

SELECT is(fold_catalogo_changes(), 1::bigint, 'an entry is deleted');
SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_summary ORDER BY catalogo_id', ARRAY[1, 3]::bigint[], 'and so is its row'
);

INSERT INTO catalogo (id, nome, tipo) VALUES (2, 'De novo', 'Curral');

SELECT is(fold_catalogo_changes(), 1::bigint, 'it is made again');
SELECT ok(
    (
        SELECT s.version > (SELECT max(b.version) FROM before AS b)
        FROM catalogo_summary AS s
        WHERE s.catalogo_id = 2
    ),
    'its version does not begin again'
);

INSERT INTO catalogo_change_queue (catalogo_id) SELECT generate_series(1, 25);

SELECT is(fold_catalogo_changes(10), 10::bigint, 'a fold takes no more than it is told');
SELECT is((SELECT count(*) FROM catalogo_change_queue), 15::bigint, 'and leaves the rest');

SELECT lives_ok('SELECT fold_catalogo_changes(NULL)', 'what is left is folded');

INSERT INTO catalogo_change_queue (catalogo_id) SELECT n % 100 FROM generate_series(1, 300) AS n;

SELECT is(fold_catalogo_changes(50), 50::bigint, 'those that are taken');
SELECT is(
    (SELECT count(*) FROM catalogo_change_queue), 150::bigint, 'leave with all their rows close by, and no others do'
);

TRUNCATE catalogo_geometrias_particionada;

SELECT ok(fold_catalogo_changes() > 0, 'a TRUNCATE is folded');
SELECT is((SELECT sum(s.geom_count) FROM catalogo_summary AS s), 0::numeric, 'nothing is left of it');

SELECT throws_ok(
    'SELECT fold_catalogo_changes(0)', '22023', 'p_limit is 0, allowed is 1 or more', 'a limit of 0 is refused'
);

SET LOCAL ROLE mundo_app;

SELECT lives_ok('SELECT fold_catalogo_changes()', 'the app may fold');
SELECT throws_ok('DELETE FROM catalogo_summary', '42501', NULL, 'but not write the summary');

RESET ROLE;

SELECT finish();

ROLLBACK;
