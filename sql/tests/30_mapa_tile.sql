-- Tiles of the map: what is there is in them, and they stay small.
BEGIN;

SELECT plan(20);

SELECT function_privs_are('mapa_tile', ARRAY['integer', 'integer', 'integer', 'text[]'], 'mundo_app', ARRAY['EXECUTE']);
SELECT function_privs_are(
    'mapa_tile', ARRAY['integer', 'integer', 'integer', 'text[]'], 'mundo_reader', ARRAY['EXECUTE']
);
SELECT function_privs_are(
    'mapa_tile', ARRAY['integer', 'integer', 'integer', 'text[]'], 'mundo_exporter', ARRAY[]::text[]
);
SELECT volatility_is('mapa_tile', ARRAY['integer', 'integer', 'integer', 'text[]'], 'stable');

SELECT throws_like('SELECT mapa_tile(25, 0, 0)', 'no tile 25 / 0 / 0: %', 'a zoom that there is not');
SELECT throws_like('SELECT mapa_tile(-1, 0, 0)', 'no tile -1 / 0 / 0: %', 'nor below 0');
SELECT throws_like('SELECT mapa_tile(1, 2, 0)', 'no tile 1 / 2 / 0: %', 'a row outside');
SELECT throws_like('SELECT mapa_tile(1, 0, NULL)', 'no tile 1 / 0 / <NULL>: %', 'and none at all');

TRUNCATE catalogo, importacoes CASCADE;

SELECT is(mapa_tile(0, 0, 0), ''::bytea, 'an empty map gives an empty tile');

INSERT INTO catalogo (id, nome, tipo, status)
VALUES (1, 'Muitos', 'Teste', 'ativo'), (2, 'Polo', 'Teste', 'ativo'), (3, 'Arquivada', 'Teste', 'inativo');

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)
VALUES
(2, st_multi(st_makeenvelope(-180, -90, -170, -60, 4326))),
(2, st_multi(st_makeenvelope(170, 60, 180, 90, 4326))),
(3, st_multi(st_makeenvelope(-44, -18, -43, -17, 4326)));

SELECT lives_ok('SELECT mapa_tile(0, 0, 0)', 'the poles, which the projection does not know, are cut off');
SELECT isnt(mapa_tile(0, 0, 0), ''::bytea, 'but what is below them is there');
SELECT isnt(mapa_tile(3, 0, 7), ''::bytea, 'at the edge of the world too');
SELECT is(mapa_tile(5, 17, 12), ''::bytea, 'what is not active is not');
SELECT is(mapa_tile(0, 0, 0, ARRAY['CERCAS']), ''::bytea, 'nor what is of another category');
SELECT is(mapa_tile(0, 0, 0, ARRAY['SEM_CATEGORIA']), mapa_tile(0, 0, 0), 'those asked for are');

-- 40,000 squares of 10 m, 200 in a row, each with a long ring.
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid)
SELECT
    1 AS catalogo_id,
    st_multi(st_segmentize(st_makeenvelope(
        -44 + column_of * 0.0002, -17 + row_of * 0.0002, -44 + column_of * 0.0002 + 0.0001, -17 + row_of * 0.0002 + 0.0001, 4326
    ), 0.00002)) AS geom,
    true AS is_valid
FROM generate_series(0, 199) AS column_of
CROSS JOIN generate_series(0, 199) AS row_of;

ANALYZE catalogo_geometrias_particionada;

SELECT cmp_ok(octet_length(mapa_tile(0, 0, 0)), '<=', 2000, 'thousands on a pixel are one');
SELECT cmp_ok(octet_length(mapa_tile(11, 1122, 773)), '<=', 1048576, 'a dense tile stays within its bound');
SELECT is(mapa_tile(11, 1122, 773), mapa_tile(11, 1122, 773), 'and is the same every time');
SELECT isnt(mapa_tile(11, 1122, 773), ''::bytea, 'without being empty');

SET LOCAL ROLE mundo_app;

SELECT isnt(mapa_tile(0, 0, 0), ''::bytea, 'the app may ask for it');

RESET ROLE;

SELECT finish();

ROLLBACK;
