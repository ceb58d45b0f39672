-- What the geometry table takes, what it refuses, and what it fills in.
BEGIN;

SELECT plan(21);

SET LOCAL ROLE mundo_app;

INSERT INTO catalogo (id, nome, tipo) VALUES (900001, 'Talhão', 'Pastagem');

PREPARE put AS
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom) VALUES (900001, st_geomfromtext($1, 4326));

SELECT lives_ok($$EXECUTE put('MULTIPOLYGON(((0 0,0 1,1 1,0 0)))')$$, 'areas');
SELECT lives_ok($$EXECUTE put('MULTILINESTRING((0 0,1 1))')$$, 'lines');
SELECT lives_ok($$EXECUTE put('MULTIPOINT((0 0))')$$, 'points');
SELECT lives_ok($$EXECUTE put('MULTIPOINT((180 90),(-180 -90))')$$, 'the corners of the world');
SELECT throws_ok($$EXECUTE put('POLYGON((0 0,0 1,1 1,0 0))')$$, '23514', NULL, 'single types are refused');
SELECT throws_ok($$EXECUTE put('GEOMETRYCOLLECTION(POINT(0 0))')$$, '23514', NULL, 'collections are refused');
SELECT throws_ok($$EXECUTE put('MULTIPOLYGON EMPTY')$$, '23514', NULL, 'empty ones are refused');
SELECT throws_ok($$EXECUTE put('MULTIPOINT((600000 8000000))')$$, '23514', NULL, 'metres are refused');
SELECT throws_ok($$EXECUTE put('MULTIPOINT((0 NaN))')$$, '23514', NULL, 'not-a-number is refused');
SELECT throws_ok($$EXECUTE put('MULTIPOINT Z((0 0 0))')$$, '22023', NULL, 'heights are refused');
SELECT throws_ok($$EXECUTE put(NULL)$$, '23502', NULL, 'no geometry is refused');
SELECT throws_ok(
    $$
    INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)
    VALUES (900001, st_geomfromtext('MULTIPOINT((0 0))', 31983))
    $$,
    '22023', NULL, 'another coordinate system is refused'
);
SELECT throws_ok(
    $$
    INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)
    VALUES (-1, st_geomfromtext('MULTIPOINT((0 0))', 4326))
    $$,
    '23503', NULL, 'an unknown entry is refused'
);

SELECT is(
    (
        SELECT bool_and(part.is_valid) FROM catalogo_geometrias_particionada AS part
        WHERE part.catalogo_id = 900001
    ),
    TRUE,
    'validity is filled in where the writer does not say'
);

DELETE FROM catalogo_geometrias_particionada
WHERE catalogo_id = 900001;

SELECT lives_ok($$EXECUTE put('MULTIPOLYGON(((0 0,1 1,1 0,0 1,0 0)))')$$, 'a bow tie is stored');
SELECT results_eq(
    'SELECT is_valid, validity_error_msg FROM catalogo_geometrias_particionada WHERE catalogo_id = 900001',
    $$VALUES (FALSE, 'Self-intersection[0.5 0.5]')$$,
    'as not valid, with the reason'
);

UPDATE catalogo_geometrias_particionada
SET geom = st_geomfromtext('MULTIPOLYGON(((0 0,0 1,1 1,0 0)))', 4326), updated_at = '2000-01-01'
WHERE catalogo_id = 900001;

SELECT results_eq(
    'SELECT is_valid, validity_error_msg FROM catalogo_geometrias_particionada WHERE catalogo_id = 900001',
    $$VALUES (TRUE, NULL::text)$$,
    'a new geometry is checked again'
);
SELECT is(
    (
        SELECT part.updated_at FROM catalogo_geometrias_particionada AS part
        WHERE part.catalogo_id = 900001
    ),
    now(),
    'updated_at is kept by the database'
);

UPDATE catalogo SET nome = 'Outro', atualizado_em = '2000-01-01'
WHERE id = 900001;

SELECT is((
    SELECT entry.atualizado_em FROM catalogo AS entry
    WHERE entry.id = 900001
), now(), 'atualizado_em as well');
SELECT throws_ok($$INSERT INTO catalogo (nome, tipo) VALUES ('', 'x')$$, '23514', NULL, 'an entry has a name');

DELETE FROM catalogo
WHERE id = 900001;

SELECT is_empty(
    'SELECT FROM catalogo_geometrias_particionada WHERE catalogo_id = 900001', 'geometries go with their entry'
);

RESET ROLE;

SELECT finish();

ROLLBACK;
