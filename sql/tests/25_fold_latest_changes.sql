-- The end of a long queue is folded before its middle.
BEGIN;

SELECT plan(10);

SELECT function_privs_are('fold_latest_changes', ARRAY['integer'], 'mundo_app', ARRAY['EXECUTE']);

TRUNCATE catalogo CASCADE;
TRUNCATE catalogo_change_queue, catalogo_summary;

INSERT INTO catalogo (id, nome, tipo) VALUES (1, 'Primeira', 'Pastagem'), (2, 'Segunda', 'Pastagem'), (3, 'Nova', 'Curral');
DELETE FROM catalogo_change_queue;

INSERT INTO catalogo_change_queue (catalogo_id) SELECT 1 FROM generate_series(1, 100);

SELECT is(fold_latest_changes(), 0::bigint, 'a short queue is left to the ordinary fold');

INSERT INTO catalogo_change_queue (catalogo_id) SELECT 2 FROM generate_series(1, 20000);
INSERT INTO catalogo_change_queue (catalogo_id) VALUES (3);

SELECT is(fold_latest_changes(1), 1::bigint, 'the last row of a long one');
SELECT results_eq('SELECT catalogo_id FROM catalogo_summary', ARRAY[3]::bigint[], 'is the latest change');
SELECT is(fold_latest_changes(100), 1::bigint, 'then those before it');
SELECT results_eq(
    'SELECT catalogo_id, count(*) FROM catalogo_change_queue GROUP BY catalogo_id ORDER BY catalogo_id',
    'VALUES (1::bigint, 100::bigint), (2, 19900)',
    'no more than it is told'
);

DO 'BEGIN PERFORM fold_latest_changes(10000); END';

SELECT is(fold_latest_changes(), 0::bigint, 'an empty end is not looked for further ahead');
SELECT ok(fold_catalogo_changes(NULL) > 0, 'the rest is for the ordinary fold');
SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_summary ORDER BY catalogo_id', ARRAY[1, 2, 3]::bigint[], 'nothing is left out'
);
SELECT throws_ok(
    'SELECT fold_latest_changes(0)', '22023', 'p_limit is 0, allowed is 1 or more', 'a limit of 0 is refused'
);

SELECT finish();

ROLLBACK;
