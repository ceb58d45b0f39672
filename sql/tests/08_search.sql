-- What people type, and what they find.
BEGIN;

SELECT plan(41);

TRUNCATE catalogo CASCADE;

INSERT INTO catalogo (id, nome, tipo, descricao, criado_em) VALUES
(1, 'Vegetação Nativa do Córrego', 'Mata', 'Área de preservação permanente', '2026-01-01'),
(2, 'Talhão-12 São João', 'Pastagem', 'Braquiária; ver vegetação', '2026-01-02'),
(3, 'Plantações de eucalipto', 'Silvicultura', NULL, '2026-01-03'),
(4, 'Curral da Sede', 'Benfeitoria', NULL, '2026-01-04'),
(5, 'Curral da Sede', 'Benfeitoria', NULL, '2026-01-04'),
(6, 'Curral antigo', 'Benfeitoria', NULL, '2026-01-05');

UPDATE catalogo SET status = 'inativo'
WHERE id = 6;

INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)
VALUES (1, st_geomfromtext('MULTIPOINT((-43 -17))', 4326)), (5, st_geomfromtext('MULTIPOINT((-43 -17))', 4326));

DO 'BEGIN PERFORM refresh_all_materialized_views(); END';

CREATE FUNCTION pg_temp.found(p_query text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(hit.id ORDER BY hit.place), '{}')
    FROM (SELECT s.id, row_number() OVER () AS place FROM search_catalogo_indexed(p_query) AS s) AS hit
$$;

SELECT is(pg_temp.found('vegetação'), ARRAY[1, 2]::bigint[], 'with its accents; the name ranks above the description');
SELECT is(pg_temp.found('VEGETACAO'), ARRAY[1, 2]::bigint[], 'without accents, in capitals');
SELECT is(pg_temp.found('vegetações nativas'), ARRAY[1]::bigint[], 'plural forms');
SELECT is(pg_temp.found('plantacao'), ARRAY[3]::bigint[], 'singular without accents for a plural with accents');
SELECT is(pg_temp.found('corrego nativa'), ARRAY[1]::bigint[], 'any order');
SELECT is(pg_temp.found('talh'), ARRAY[2]::bigint[], 'a prefix');
SELECT is(pg_temp.found('talhã'), ARRAY[2]::bigint[], 'a prefix with an accent');
SELECT is(pg_temp.found('vegetac'), ARRAY[1, 2]::bigint[], 'a prefix longer than the stem');
SELECT is(pg_temp.found('são joao 12'), ARRAY[2]::bigint[], 'numbers behind a hyphen');
SELECT is(pg_temp.found('talhão-12'), ARRAY[2]::bigint[], 'as it is written');
SELECT is(pg_temp.found('curral da'), ARRAY[5, 4]::bigint[], 'a word that says nothing at the end');
SELECT is(pg_temp.found('da'), ARRAY[5, 4]::bigint[], 'or alone');
SELECT is(pg_temp.found('preservacao'), ARRAY[1]::bigint[], 'words of the description');
SELECT is(pg_temp.found('benfeitoria'), ARRAY[5, 4]::bigint[], 'words of the type; equal rank and age: highest id');
SELECT is(pg_temp.found('vegetação mata'), ARRAY[1]::bigint[], 'all words must match');
SELECT is(pg_temp.found('curral mata'), ARRAY[5, 4]::bigint[], 'similar names where no entry has all words');
SELECT is(pg_temp.found('plantacoes'), ARRAY[3]::bigint[], 'plural without accents');
SELECT is(pg_temp.found('vegetacoes'), ARRAY[1, 2]::bigint[], 'for a singular with accents');
SELECT is(pg_temp.found('plantação'), ARRAY[3]::bigint[], 'singular for a plural');
SELECT is(pg_temp.found('eucalito'), ARRAY[3]::bigint[], 'a typing error');
SELECT is(pg_temp.found('corego'), ARRAY[1]::bigint[], 'another one');
SELECT is(pg_temp.found('ve' || U&'\0067etac\0327a\0303o'), ARRAY[1, 2]::bigint[], 'accents as separate characters');
SELECT is(pg_temp.found('antigo'), ARRAY[]::bigint[], 'only active entries');

SELECT is(pg_temp.found(NULL), ARRAY[5, 4, 3, 2, 1]::bigint[], 'no query lists all, newest first, then highest id');
SELECT is(pg_temp.found(E' \t\n'), ARRAY[5, 4, 3, 2, 1]::bigint[], 'blanks are no query');
SELECT is(pg_temp.found('🌳🐄'), ARRAY[]::bigint[], 'emoji match nothing');
SELECT is(pg_temp.found('curral 🐄'), ARRAY[5, 4]::bigint[], 'and do no harm beside words');
SELECT is(pg_temp.found('!&|<->:*()''"\%_'), ARRAY[]::bigint[], 'operators match nothing');
SELECT is(pg_temp.found('''curral'' & !sede:*'), ARRAY[5, 4]::bigint[], 'operators around words are no operators');
SELECT matches(catalogo_search_query('curral OR sede')::text, '& .*''or''', 'OR is a word like others');
SELECT is(pg_temp.found(repeat('x', 10000)), ARRAY[]::bigint[], 'a word of 10,000 letters');
SELECT is(pg_temp.found(repeat('ã', 10000)), ARRAY[]::bigint[], 'with accents');
SELECT is(pg_temp.found(repeat('curral ', 2000)), ARRAY[5, 4]::bigint[], '14,000 characters of words');
SELECT is(pg_temp.found('''); DROP TABLE catalogo; --'), ARRAY[]::bigint[], 'injection');

SELECT results_eq(
    $$SELECT id FROM search_catalogo_indexed('curral', 'Benfeitoria', TRUE)$$, ARRAY[5]::bigint[], 'filters'
);
SELECT results_eq(
    $$SELECT id FROM search_catalogo_indexed(p_tipo => 'Mata')$$, ARRAY[1]::bigint[], 'a type without a query'
);
SELECT results_eq(
    'SELECT id FROM search_catalogo_indexed(NULL, NULL, NULL, NULL, NULL)',
    ARRAY[5, 4, 3, 2, 1]::bigint[],
    'NULL is the default'
);
SELECT results_eq(
    'SELECT id FROM search_catalogo_indexed(p_limit => 2, p_offset => 1)', ARRAY[4, 3]::bigint[], 'pages'
);
SELECT is_empty('SELECT id FROM search_catalogo_indexed(p_limit => -5)', 'a negative limit is 0');
SELECT results_eq(
    'SELECT count(*) FROM search_catalogo_indexed(p_limit => 2147483647, p_offset => -3)',
    ARRAY[5]::bigint[],
    'a huge limit and a negative offset are clamped'
);
SELECT is_empty(
    $$SELECT id FROM search_catalogo_indexed('curral', p_offset => 2)$$,
    'behind the last page there is nothing, least of all similar names'
);

SELECT finish();

ROLLBACK;
