-- What caches of bounds are told, and under which version they keep an entry.
BEGIN;

SELECT plan(23);

SELECT table_privs_are('catalogo_bounds_changes', 'mundo_app', ARRAY['SELECT']);
SELECT function_privs_are('catalogo_bounds_versioned', ARRAY['bigint'], 'mundo_app', ARRAY['EXECUTE']);
SELECT is_empty(
    $$
    SELECT indexrelid::regclass FROM pg_index CROSS JOIN LATERAL unnest(indkey) AS k (attnum)
    INNER JOIN pg_attribute AS a ON a.attrelid = indrelid AND a.attnum = k.attnum
    WHERE indrelid = 'catalogo_summary'::regclass AND a.attname = 'version'
    $$,
    'no index on the version: a fold of geometries must write none'
);

TRUNCATE catalogo CASCADE;
-- Short, whatever others left in its file.
TRUNCATE catalogo_change_queue, catalogo_summary;
DELETE FROM catalogo_bounds_changes;

INSERT INTO catalogo (id, nome, tipo) VALUES (1, 'Talhão', 'Pastagem'), (2, 'Curral', 'Curral'), (3, 'Represa', 'Água');

SELECT results_eq(
    'SELECT catalogo_id, geom_count, version FROM catalogo_bounds_versioned(1)',
    'VALUES (1::bigint, 0::bigint, NULL::bigint)',
    'a new entry that is not folded yet has no version'
);
SELECT is(fold_catalogo_changes(), 3::bigint, 'it is folded');
SELECT is_empty('SELECT * FROM catalogo_bounds_changes', 'nobody is told of new entries');
SELECT results_eq(
    'SELECT version FROM catalogo_bounds_versioned(1)',
    'SELECT version FROM catalogo_summary WHERE catalogo_id = 1',
    'its version is that of the summary'
);

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at) VALUES
(1, st_multi(st_makeenvelope(-43, -17, -42, -16, 4326)), '2026-06-01');

SELECT results_eq(
    'SELECT min_lon, min_lat, max_lon, max_lat, geom_count, updated_at, version FROM catalogo_bounds_versioned(1)',
    'VALUES (-43::float8, -17::float8, -42::float8, -16::float8, 1::bigint, now(), NULL::bigint)',
    'while a change is queued the answer is that of now, and has no version'
);
SELECT is(fold_catalogo_changes(), 1::bigint, 'it is folded');
SELECT results_eq(
    $$
    SELECT told.catalogo_id, told.version - held.version, told.deleted, told.changed_at = held.folded_at
    FROM catalogo_bounds_changes AS told INNER JOIN catalogo_summary AS held ON told.catalogo_id = held.catalogo_id
    $$,
    'VALUES (1::bigint, 0::bigint, FALSE, TRUE)',
    'a change is told with the new version'
);
SELECT results_eq(
    'SELECT * FROM catalogo_bounds_versioned(1)',
    $$
    SELECT b.catalogo_id, b.min_lon, b.min_lat, b.max_lon, b.max_lat, b.centroid_lon, b.centroid_lat, b.geom_count,
        b.updated_at, held.version
    FROM catalogo_bounds(1) AS b INNER JOIN catalogo_summary AS held ON b.catalogo_id = held.catalogo_id
    $$,
    'the same bounds as without a version'
);

INSERT INTO catalogo_change_queue (catalogo_id) VALUES (1), (2);

SELECT is(fold_catalogo_changes(), 2::bigint, 'folded again without a change');
SELECT is(count(*), 1::bigint, 'nothing more is told') FROM catalogo_bounds_changes;

UPDATE catalogo SET nome = 'Curral novo'
WHERE id = 2;
DELETE FROM catalogo_geometrias_particionada;
DELETE FROM catalogo
WHERE id = 3;

SELECT is_empty('SELECT * FROM catalogo_bounds_versioned(3)', 'a deleted entry has no row');
SELECT is(fold_catalogo_changes(), 3::bigint, 'three changes are folded');
SELECT results_eq(
    'SELECT catalogo_id, deleted FROM catalogo_bounds_changes ORDER BY seq OFFSET 1',
    $$
    SELECT id, id = 3 FROM (VALUES (1::bigint), (2), (3)) AS e (id)
    INNER JOIN catalogo_bounds_changes AS told ON told.catalogo_id = e.id
    WHERE told.seq > (SELECT min(first.seq) FROM catalogo_bounds_changes AS first) ORDER BY told.seq
    $$,
    'all are told, the deletion as such'
);
SELECT ok(bool_and(held.version < told.version), 'a deletion has a version above all there were')
FROM catalogo_bounds_changes AS told
CROSS JOIN catalogo_summary AS held
WHERE told.deleted;

INSERT INTO catalogo (id, nome, tipo) VALUES (3, 'De novo', 'Água');

SELECT is(fold_catalogo_changes(), 1::bigint, 'the entry is made again');
SELECT ok(held.version > told.version, 'and its version is above that of the deletion')
FROM catalogo_bounds_changes AS told
INNER JOIN catalogo_summary AS held ON told.catalogo_id = held.catalogo_id
WHERE told.deleted;

DO 'BEGIN PERFORM recompute_catalogo_summary(ARRAY[1], TRUE); END';

SELECT results_eq(
    'SELECT catalogo_id, version FROM catalogo_bounds_changes ORDER BY seq DESC LIMIT 1',
    'SELECT catalogo_id, version FROM catalogo_summary WHERE catalogo_id = 1',
    'a row that is made anew is told, since it has a new version'
);

-- Behind a long queue.
INSERT INTO catalogo (id, nome, tipo) VALUES (5, 'Nova', 'Água');
INSERT INTO catalogo_change_queue (catalogo_id) SELECT 1 FROM generate_series(1, 20000);

SELECT results_eq(
    'SELECT version FROM catalogo_bounds_versioned(1)',
    'SELECT version FROM catalogo_summary WHERE catalogo_id = 1',
    'behind a long queue the summary answers'
);
SELECT results_eq(
    'SELECT geom_count, version FROM catalogo_bounds_versioned(5)',
    'VALUES (0::bigint, NULL::bigint)',
    'but for an entry that has none yet'
);

DELETE FROM catalogo_bounds_changes;
INSERT INTO catalogo_bounds_changes (catalogo_id, version, deleted, changed_at)
SELECT
    n AS catalogo_id,
    n AS version, -- noqa: RF04
    FALSE AS deleted,
    now() - make_interval(days => 10 - n, secs => 1) AS changed_at
FROM generate_series(1, 4) AS n;
DO 'BEGIN PERFORM prune_history(30); END';

SELECT results_eq(
    'SELECT catalogo_id FROM catalogo_bounds_changes ORDER BY seq', ARRAY[3, 4]::bigint[], 'what is older than 8 days goes'
);

SELECT finish();

ROLLBACK;
