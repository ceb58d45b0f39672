-- The nightly comparison of the summary with everything.
BEGIN;

SELECT plan(18);

TRUNCATE catalogo CASCADE;

DO 'BEGIN PERFORM fold_catalogo_changes(NULL); END';

SELECT results_eq(
    'SELECT entries_checked, differences, outcome FROM reconcile_catalogo_summary()',
    $$VALUES (0::bigint, 0::bigint, 'success')$$,
    'an empty catalogue'
);

INSERT INTO catalogo (id, nome, tipo)
SELECT
    n AS id,
    'Entrada ' || n AS nome,
    'Tipo' AS tipo
FROM generate_series(1, 25) AS n;

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)
SELECT
    n AS catalogo_id,
    st_multi(st_buffer(st_setsrid(st_makepoint(-43, -17), 4326), n / 100.0)) AS geom
FROM generate_series(1, 25) AS n;

SELECT results_eq(
    'SELECT entries_checked, entries_queued, differences FROM reconcile_catalogo_summary(10)',
    $$VALUES (0::bigint, 25::bigint, 0::bigint)$$,
    'what is queued is not a difference'
);
SELECT is((SELECT count(*) FROM catalogo_summary), 0::bigint, 'and is left to the fold');

DO 'BEGIN PERFORM fold_catalogo_changes(NULL); END';

SELECT results_eq(
    'SELECT entries_checked, entries_queued, differences, sample_ids, outcome FROM reconcile_catalogo_summary(10)',
    $$VALUES (25::bigint, 0::bigint, 0::bigint, '{}'::bigint[], 'success')$$,
    'after the fold nothing differs, in portions'
);

-- Each kind of fault, behind the back of the queue.
UPDATE catalogo_summary SET area_m2 = area_m2 + 0.000001
WHERE catalogo_id = 1;
UPDATE catalogo_summary SET search_vector_pt = ''
WHERE catalogo_id = 2;
UPDATE catalogo_summary SET descricao = 'x'
WHERE catalogo_id = 3;
DELETE FROM catalogo_summary
WHERE catalogo_id = 4;

INSERT INTO catalogo_summary (
    catalogo_id, nome, tipo, status, criado_em, atualizado_em, is_active, nome_busca, nome_vector, search_vector_pt,
    geom_count, valid_count, area_m2, points, folded_at
) VALUES (99, 'Fantasma', 'Tipo', 'ativo', now(), now(), TRUE, 'fantasma', '', '', 0, 0, 0, 0, now());

CREATE TEMPORARY TABLE untouched AS
SELECT
    s.catalogo_id,
    s.ctid AS place
FROM catalogo_summary AS s
WHERE s.catalogo_id BETWEEN 5 AND 25;

SELECT results_eq(
    'SELECT entries_checked, differences, sample_ids, outcome FROM reconcile_catalogo_summary(10)',
    $$VALUES (26::bigint, 5::bigint, ARRAY[1, 2, 3, 4, 99]::bigint[], 'success')$$,
    'wrong sums, vectors and texts, missing rows and rows of nobody are found'
);
SELECT results_eq(
    'SELECT differences, sample_ids FROM reconcile_catalogo_summary()',
    $$VALUES (0::bigint, '{}'::bigint[])$$,
    'and mended'
);
SELECT is((SELECT count(*) FROM catalogo_summary), 25::bigint, 'one row an entry');
SELECT ok(
    (
        SELECT s.search_vector_pt @@ 'entrada' FROM catalogo_summary AS s
        WHERE s.catalogo_id = 2
    ),
    'with its words'
);
SELECT results_eq(
    'SELECT s.catalogo_id, s.ctid FROM catalogo_summary AS s WHERE s.catalogo_id BETWEEN 5 AND 25 ORDER BY 1',
    'SELECT u.catalogo_id, u.place FROM untouched AS u ORDER BY 1',
    'right rows are not written'
);

INSERT INTO catalogo_change_queue (catalogo_id) VALUES (1);
UPDATE catalogo_summary SET points = 0
WHERE catalogo_id IN (1, 2);

SELECT results_eq(
    'SELECT entries_checked, entries_queued, differences, sample_ids FROM reconcile_catalogo_summary()',
    $$VALUES (24::bigint, 1::bigint, 1::bigint, ARRAY[2]::bigint[])$$,
    'a queued entry is left out, others are not'
);
SELECT is(
    (SELECT sum(run.differences) FROM summary_reconciliation_log AS run),
    6::numeric,
    'each run has its row'
);
SELECT ok(
    (
        SELECT bool_and(run.finished_at >= run.started_at AND run.duration_ms >= 0)
        FROM summary_reconciliation_log AS run
    ),
    'with its duration'
);
SELECT throws_ok(
    'SELECT reconcile_catalogo_summary(0)', '22023', 'p_portion is 0, allowed is 1 or more', 'a portion of 0 is refused'
);

-- A trigger that refuses stands for whatever may go wrong while mending.
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'disk full'; END$$;
CREATE TRIGGER refuse BEFORE UPDATE ON catalogo_summary FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
ALTER TABLE catalogo_summary DISABLE TRIGGER refuse;
UPDATE catalogo_summary SET points = 0
WHERE catalogo_id = 3;
ALTER TABLE catalogo_summary ENABLE TRIGGER refuse;

SELECT results_eq(
    'SELECT differences, outcome, error_text FROM reconcile_catalogo_summary()',
    $$VALUES (1::bigint, 'failed', 'disk full')$$,
    'a failure is logged with its error'
);
SELECT results_eq(
    'SELECT outcome, error_text FROM summary_reconciliation_log ORDER BY id DESC LIMIT 1',
    $$VALUES ('failed', 'disk full')$$,
    'in its row'
);

SET LOCAL ROLE mundo_app;

SELECT throws_ok('SELECT reconcile_catalogo_summary()', '42501', NULL, 'the app does not reconcile');
SELECT throws_ok('SELECT recompute_catalogo_summary(''{}'')', '42501', NULL, 'nor recompute');

SET LOCAL ROLE mundo_exporter;

SELECT lives_ok('SELECT * FROM summary_reconciliation_log', 'the exporter reads the log');

RESET ROLE;

SELECT finish();

ROLLBACK;
