-- Functions that only triggers or other functions call: set_atualizado_em, set_geometria_campos, queue_changed_entries,
-- queue_inserted_geometries, queue_truncated_entries, catalogo_search_vector, catalogo_summary_of, catalogo_search_estimate.
BEGIN;

SELECT plan(21);

TRUNCATE catalogo CASCADE;
DELETE FROM catalogo_change_queue;

INSERT INTO catalogo (id, nome, tipo, atualizado_em) VALUES (1, 'Mata', 'Reserva', '2020-01-01'), (2, 'Curral', 'Sede', '2020-01-01');

SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_change_queue ORDER BY 1', 'VALUES (1::bigint), (2)',
    'queue_changed_entries: both entries of one INSERT'
);

DELETE FROM catalogo_change_queue;
UPDATE catalogo SET nome = 'Mata ciliar'
WHERE id = 1;

SELECT is(
    (
        SELECT atualizado_em FROM catalogo
        WHERE id = 1
    ), now(), 'set_atualizado_em: the time of the change'
);
SELECT is(
    (
        SELECT atualizado_em FROM catalogo
        WHERE id = 2
    ), '2020-01-01'::timestamptz, 'set_atualizado_em: only what changed'
);
SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_change_queue', 'VALUES (1::bigint)', 'queue_changed_entries: an UPDATE of one entry'
);

DELETE FROM catalogo_change_queue;

INSERT INTO catalogo_geometrias_particionada (id, catalogo_id, geom, created_at, updated_at)
SELECT
    g AS id,
    1 AS catalogo_id,
    st_geomfromtext('MULTIPOINT((-43 -17))', 4326) AS geom,
    '2026-05-01' AS created_at,
    '2020-01-01' AS updated_at
FROM generate_series(1, 5) AS g;

SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_change_queue', 'VALUES (1::bigint)',
    'queue_inserted_geometries: five geometries of one entry in one statement are one row'
);
SELECT ok(
    (SELECT bool_and(is_valid) FROM catalogo_geometrias_particionada), 'set_geometria_campos: validity where none was given'
);

INSERT INTO catalogo_geometrias_particionada (id, catalogo_id, geom, is_valid, validity_error_msg, created_at)
VALUES (6, 1, st_geomfromtext('MULTIPOINT((-43 -17))', 4326), FALSE, 'stated', '2026-05-01');

SELECT is(
    (
        SELECT validity_error_msg FROM catalogo_geometrias_particionada
        WHERE id = 6
    ), 'stated',
    'set_geometria_campos: the verdict of the writer stays'
);

DELETE FROM catalogo_change_queue;

UPDATE catalogo_geometrias_particionada SET catalogo_id = 2
WHERE id = 1;

SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_change_queue ORDER BY 1', 'VALUES (1::bigint), (2)',
    'queue_changed_entries: a geometry that moves touches both entries'
);
SELECT is(
    (
        SELECT updated_at FROM catalogo_geometrias_particionada
        WHERE id = 1
    ), now(),
    'set_geometria_campos: the time of the change'
);

UPDATE catalogo_geometrias_particionada
SET geom = st_geomfromtext('MULTIPOLYGON(((-43 -17,-42 -16,-42 -17,-43 -16,-43 -17)))', 4326)
WHERE id = 2;

SELECT results_eq(
    'SELECT is_valid, validity_error_msg IS NOT NULL FROM catalogo_geometrias_particionada WHERE id = 2',
    'VALUES (FALSE, TRUE)', 'set_geometria_campos: a new shape is checked anew, with the reason'
);

DELETE FROM catalogo_change_queue;

UPDATE catalogo_geometrias_particionada SET created_at = '2027-05-01'
WHERE id = 3;

SELECT results_eq(
    'SELECT DISTINCT catalogo_id FROM catalogo_change_queue', 'VALUES (1::bigint)',
    'queue_changed_entries: a geometry that changes its year'
);

DELETE FROM catalogo_change_queue;

DELETE FROM catalogo_geometrias_particionada
WHERE id = 1;

SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_change_queue', 'VALUES (2::bigint)', 'queue_changed_entries: a DELETE'
);

SELECT results_eq(
    'SELECT catalogo_id, geom_count, valid_count, points FROM catalogo_summary_of(ARRAY[1, 2, 999]) ORDER BY 1',
    'VALUES (1::bigint, 5::bigint, 3::bigint, 9::bigint), (2, 0, 0, 0)',
    'catalogo_summary_of: one row for each entry that there is'
);
SELECT is_empty('SELECT catalogo_id FROM catalogo_summary_of(NULL)', 'catalogo_summary_of: no entries, no rows');

DELETE FROM catalogo_change_queue;

SELECT is(fold_catalogo_changes(NULL), 0::bigint, 'an empty queue folds nothing');

TRUNCATE catalogo_geometrias_2027;

SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_change_queue', 'VALUES (1::bigint)',
    'queue_truncated_entries: the entries of the emptied partition'
);

DELETE FROM catalogo_change_queue;

TRUNCATE catalogo CASCADE;

SELECT set_eq(
    'SELECT catalogo_id FROM catalogo_change_queue', ARRAY[1, 2]::bigint[],
    'queue_truncated_entries: every entry of the emptied catalogue'
);

SELECT ok(
    catalogo_search_vector('Plantação', 'Sede', 'perto do rio') @@ plainto_tsquery('mundo_pt_unaccented', 'plantacao'),
    'catalogo_search_vector: accents do not matter'
);
SELECT matches(
    catalogo_search_vector('mata', 'sede', 'rio')::text, 'mat.*:1A.*', 'catalogo_search_vector: the name weighs most'
);
SELECT is(
    catalogo_search_vector(NULL, NULL, NULL), ''::tsvector, 'catalogo_search_vector: nothing given, nothing in it'
);
SELECT ok(
    (
        SELECT cardinality(estimate) = 2 AND estimate[1] >= 0 AND estimate[2] >= 0
        FROM catalogo_search_estimate(ARRAY['mata'::tsquery, 'rio'::tsquery], NULL, TRUE) AS estimate
    ),
    'catalogo_search_estimate: a number for each of two queries'
);

SELECT finish();

ROLLBACK;
