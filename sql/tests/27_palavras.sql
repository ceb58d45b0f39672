-- Words of names, and what a misspelt search may have meant.
BEGIN;

SELECT plan(37);

TRUNCATE catalogo CASCADE;

DO 'BEGIN PERFORM fold_catalogo_changes(NULL); END';

DELETE FROM catalogo_palavras;

SELECT columns_are('catalogo_palavras', ARRAY['palavra']);
SELECT col_is_pk('catalogo_palavras', 'palavra');
SELECT index_is_type('catalogo_palavras', 'catalogo_palavras_trgm_idx', 'gin');
SELECT table_privs_are('catalogo_palavras', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('catalogo_palavras', 'mundo_reader', ARRAY['SELECT']);
SELECT table_privs_are('catalogo_palavras', 'mundo_ingest', ARRAY[]::text[]);
SELECT function_privs_are('learn_catalogo_palavras', ARRAY['text[]'], 'mundo_app', ARRAY[]::text[]);
SELECT function_privs_are('reconcile_catalogo_palavras', ARRAY['integer'], 'mundo_app', ARRAY[]::text[]);
SELECT function_privs_are('catalogo_search_corrections', ARRAY['text'], 'mundo_app', ARRAY['EXECUTE']);
SELECT function_privs_are('catalogo_search_corrections', ARRAY['text'], 'mundo_reader', ARRAY['EXECUTE']);

INSERT INTO catalogo (id, nome, tipo, status, descricao, criado_em) VALUES
(1, 'Cerca norte do São João 12', 'Divisa', 'ativo', 'Arame farpado', '2026-01-01'),
(2, 'Cerca sul', 'Divisa', 'ativo', NULL, '2026-01-02'),
(3, 'Curral norte', 'Curral', 'ativo', 'Ao lado da cerca', '2026-01-03'),
(4, 'Paiol velho', 'Depósito', 'inativo', NULL, '2026-01-04');

DO 'BEGIN PERFORM fold_catalogo_changes(NULL); END';

SELECT results_eq(
    'SELECT p.palavra COLLATE "default" FROM catalogo_palavras AS p ORDER BY p.palavra',
    ARRAY['cerca', 'curral', 'joao', 'norte', 'sao', 'sul'],
    'the fold learns words of active names, without accents, numbers and short words'
);
SELECT is(learn_catalogo_palavras(ARRAY['cerca nova', 'nova', 'br101 xy ' || repeat('z', 41)]), 1::bigint, 'only what is new');
SELECT is(learn_catalogo_palavras(NULL), 0::bigint, 'nothing to learn');
SELECT is(reconcile_catalogo_palavras(), 1::bigint, 'a word of nobody is wrong');
SELECT is_empty('SELECT FROM catalogo_palavras AS p WHERE p.palavra = ''nova''', 'and removed');

UPDATE catalogo SET status = 'ativo'
WHERE id = 4;
DO 'BEGIN PERFORM fold_catalogo_changes(NULL); END';

SELECT set_has(
    'SELECT p.palavra COLLATE "default" FROM catalogo_palavras AS p',
    $$VALUES ('paiol'), ('velho')$$,
    'an entry that becomes active'
);

UPDATE catalogo SET nome = 'Tulha'
WHERE id = 4;
DO 'BEGIN PERFORM fold_catalogo_changes(NULL); END';

SELECT isnt_empty('SELECT FROM catalogo_palavras AS p WHERE p.palavra = ''tulha''', 'a new name is learnt');
SELECT is_empty('SELECT id FROM search_catalogo_indexed(''paiool velho'')', 'the old name finds nothing');

DELETE FROM catalogo_palavras AS p
WHERE p.palavra = 'cerca';

SELECT is(reconcile_catalogo_palavras(1), 2::bigint, 'one that is missing, and no more than the limit are removed');
SELECT is((reconcile_catalogo_summary()).outcome, 'success', 'the nightly run');
SELECT results_eq(
    'SELECT p.palavra COLLATE "default" FROM catalogo_palavras AS p ORDER BY p.palavra',
    ARRAY['cerca', 'curral', 'joao', 'norte', 'sao', 'sul', 'tulha'],
    'puts all words right'
);

SELECT results_eq(
    'SELECT c.sentence FROM catalogo_search_corrections(''cerka'') AS c', ARRAY['cerca'], 'a misspelt word'
);
SELECT results_eq(
    'SELECT c.sentence FROM catalogo_search_corrections(''Cêrka nórte'') AS c LIMIT 1', ARRAY['cerca norte'], 'one of two'
);
SELECT results_eq(
    'SELECT c.likeness, c.sentence IS NULL FROM catalogo_search_corrections(''curral sul'') AS c',
    $$VALUES (0.5::real, TRUE)$$,
    'known words that no entry has together: any of them'
);
SELECT results_eq(
    'SELECT c.likeness, c.sentence IS NULL FROM catalogo_search_corrections(''curral sul cerca'') AS c',
    $$VALUES (0.67::real, TRUE), (0.33::real, TRUE)$$,
    'all but one, then any'
);
SELECT is_empty('SELECT FROM catalogo_search_corrections(''zzxqw'')', 'nonsense');
SELECT is_empty('SELECT FROM catalogo_search_corrections(NULL)', 'no query');
SELECT is_empty('SELECT FROM catalogo_search_corrections(repeat(''cerka'', 2000))', 'a long word is not looked at');
SELECT cmp_ok(
    (SELECT count(*) FROM catalogo_search_corrections(repeat('cerka norti ', 800))), '<=', 11::bigint, 'at most eleven'
);
SELECT ok(
    (
        SELECT bool_and(made.likeness < coalesce(made.above, 1))
        FROM (
            SELECT
                c.likeness,
                lag(c.likeness) OVER () AS above
            FROM catalogo_search_corrections('cerka norti curall') AS c
        ) AS made
    ),
    'each less alike than the one before'
);

SELECT results_eq(
    'SELECT s.id, s.relevance_score > 0.3 FROM search_catalogo_indexed(''cerka'') AS s',
    $$VALUES (2::bigint, TRUE), (1, TRUE), (3, TRUE)$$,
    'names before descriptions, newest first'
);
SELECT results_eq(
    'SELECT s.id FROM search_catalogo_indexed(''cerka norte'') AS s LIMIT 1', ARRAY[1]::bigint[], 'one of two words'
);
SELECT results_eq(
    'SELECT s.id FROM search_catalogo_indexed(''farpado cerka'') AS s', ARRAY[1]::bigint[], 'beside a word of a description'
);
SELECT results_eq(
    'SELECT s.id FROM search_catalogo_indexed(''cerka 12'') AS s', ARRAY[1]::bigint[], 'beside a number'
);
SELECT results_eq(
    'SELECT s.id FROM search_catalogo_indexed(''cerka'', ''Curral'') AS s', ARRAY[3]::bigint[], 'of a type'
);
SELECT results_eq(
    'SELECT s.id FROM search_catalogo_indexed(''cerka'', p_limit => 1, p_offset => 1) AS s', ARRAY[1]::bigint[], 'a page'
);

INSERT INTO catalogo_palavras (palavra)
SELECT 'cerk' || chr(96 + n) FROM generate_series(2, 9) AS n;

SELECT results_eq(
    'SELECT c.sentence FROM catalogo_search_corrections(''cerka'') AS c', ARRAY['cerca'], 'words of no entry take no place'
);

SELECT finish();

ROLLBACK;
