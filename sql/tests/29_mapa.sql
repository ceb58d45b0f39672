-- What the map shows: active entries only, a category always, and never by reading everything.
BEGIN;

SELECT plan(20);

SELECT columns_are(
    'v_mapa_feicoes',
    ARRAY[
        'id', 'catalogo_id', 'nome', 'descricao', 'tipo', 'categoria', 'camada', 'importacao_id', 'arquivo', 'feature_id',
        'feature_index', 'importado_em', 'is_valid', 'validity_error_msg', 'created_at', 'updated_at', 'geom'
    ]
);
SELECT table_privs_are('v_mapa_feicoes', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('v_mapa_feicoes', 'mundo_reader', ARRAY['SELECT']);
SELECT table_privs_are('v_mapa_feicoes', 'mundo_exporter', ARRAY[]::text[]);
SELECT table_privs_are('v_mapa_feicoes', 'mundo_ingest', ARRAY[]::text[]);
SELECT has_index('catalogo_origem', 'catalogo_origem_categoria_idx', ARRAY['categoria', 'catalogo_id']);
SELECT table_privs_are('v_mapa_versao', 'mundo_app', ARRAY['SELECT']);

TRUNCATE catalogo, importacoes CASCADE;

INSERT INTO catalogo (id, nome, tipo, status)
VALUES
(1, 'Cerca', 'Cerca', 'ativo'), (2, 'Sem nada', 'Cerca', 'ativo'), (3, 'Vazia', 'Cerca', 'ativo'),
(4, 'Nula', 'Cerca', 'ativo'), (5, 'Arquivada', 'Cerca', 'inativo'), (6, 'Sem geometria', 'Cerca', 'ativo');

INSERT INTO importacoes (id, arquivo, digest, formato, concluida_em)
VALUES (1, 'fazenda.json', repeat('a', 64), 'json', '2026-02-01 00:00:00+00');

INSERT INTO catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index, camada, categoria)
VALUES
(1, 1, 'f-1', 0, 'Cercas', 'CERCAS'), (3, 1, 'f-3', 1, NULL, ''), (4, 1, 'f-4', 2, NULL, NULL),
(5, 1, 'f-5', 3, NULL, 'CERCAS'), (6, 1, 'f-6', 4, NULL, 'CERCAS');

INSERT INTO catalogo_geometrias_particionada (id, catalogo_id, geom, created_at)
SELECT
    given.id,
    given.entry AS catalogo_id,
    st_geomfromtext('MULTIPOINT((' || given.id || ' 0))', 4326) AS geom,
    given.created_at::timestamptz AS created_at
FROM (
    VALUES (11, 1, '2026-01-01Z'), (12, 1, '2030-01-01Z'), (13, 2, '2026-01-01Z'), (14, 3, '1801-01-01Z'),
    (15, 4, '2026-01-01Z'), (16, 5, '2026-01-01Z')
) AS given (id, entry, created_at);

SELECT results_eq(
    'SELECT id, catalogo_id, categoria, arquivo, feature_id, feature_index FROM v_mapa_feicoes ORDER BY id',
    $$
    VALUES
    (11::bigint, 1::bigint, 'CERCAS', 'fazenda.json', 'f-1', 0::bigint),
    (12, 1, 'CERCAS', 'fazenda.json', 'f-1', 0),
    (13, 2, 'SEM_CATEGORIA', NULL, NULL, NULL),
    (14, 3, 'SEM_CATEGORIA', 'fazenda.json', 'f-3', 1),
    (15, 4, 'SEM_CATEGORIA', 'fazenda.json', 'f-4', 2)
    $$,
    'each geometry of an active entry once, whatever is known of its origin'
);
SELECT results_eq(
    'SELECT nome, tipo, camada, importacao_id, importado_em, is_valid FROM v_mapa_feicoes WHERE id = 11',
    $$VALUES ('Cerca', 'Cerca', 'Cercas', 1::bigint, '2026-02-01 00:00:00+00'::timestamptz, true)$$,
    'with what the catalogue knows of it'
);
SELECT is_empty('SELECT FROM v_mapa_feicoes WHERE categoria IS NULL', 'no category is NULL');

UPDATE catalogo SET status = 'inativo'
WHERE id = 1;

SELECT is_empty('SELECT FROM v_mapa_feicoes WHERE catalogo_id = 1', 'an entry that is no longer active is not shown');

-- A handful of rows is read as a whole by any sensible plan, so what is asked here is whether the indexes can be used.
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_line text;
    v_plan text := '';
BEGIN
    FOR v_line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        v_plan := v_plan || v_line || E'\n';
    END LOOP;
    RETURN v_plan;
END
$$;

SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;

SELECT matches(
    pg_temp.plan_of($$SELECT id FROM v_mapa_feicoes WHERE geom && st_makeenvelope(0, 0, 12, 1, 4326)$$),
    'catalogo_geometrias_2026_geom_idx',
    'an envelope is looked up in the GiST index of a partition'
);

SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_sort = off;

SELECT matches(
    pg_temp.plan_of('SELECT id, nome, categoria, geom FROM v_mapa_feicoes WHERE id > 11 ORDER BY id LIMIT 100'),
    'Index Scan using catalogo_geometrias_2026_pkey',
    'a page begins where the last one ended'
);
SELECT doesnt_match(
    pg_temp.plan_of('SELECT id, nome, categoria, geom FROM v_mapa_feicoes WHERE id > 11 ORDER BY id LIMIT 100'),
    '->  Sort',
    'and nothing is sorted for it'
);

-- The number that says whether anything changed.

CREATE TEMPORARY TABLE seen AS SELECT 0::bigint AS versao;
CREATE FUNCTION pg_temp.grew() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_before bigint;
BEGIN
    SELECT versao INTO v_before FROM seen;
    PERFORM fold_catalogo_changes(NULL);
    UPDATE seen SET versao = (SELECT v_mapa_versao.versao FROM v_mapa_versao);
    RETURN (SELECT versao FROM seen) > v_before;
END
$$;

SELECT ok(pg_temp.grew(), 'the version grows with new entries');
SELECT ok(NOT pg_temp.grew(), 'and stays while nothing changes');

UPDATE catalogo SET nome = 'Cerca nova'
WHERE id = 2;

SELECT ok(pg_temp.grew(), 'it grows with a changed name');

UPDATE catalogo SET status = 'ativo'
WHERE id = 1;

SELECT ok(pg_temp.grew(), 'with a changed status');

UPDATE catalogo_geometrias_particionada SET geom = st_geomfromtext('MULTIPOINT((50 1))', 4326)
WHERE id = 13;

SELECT ok(pg_temp.grew(), 'with a changed geometry');

DELETE FROM catalogo
WHERE id = 2;

SELECT ok(pg_temp.grew(), 'and with an entry that is gone');

SELECT finish();

ROLLBACK;
