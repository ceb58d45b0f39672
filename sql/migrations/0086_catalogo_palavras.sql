-- Likeness is looked for among these instead of among all names: a farm of a million entries has few different words. A
-- word with a digit is the number of something: another number is not like it, and there may be one for each entry.
CREATE TABLE catalogo_palavras (
    palavra text COLLATE "C" NOT NULL,
    CONSTRAINT catalogo_palavras_pkey PRIMARY KEY (palavra),
    CONSTRAINT catalogo_palavras_palavra_check CHECK (palavra ~ '^[^0-9 ]{3,40}$')
);

CREATE INDEX catalogo_palavras_trgm_idx ON catalogo_palavras
USING gin (palavra gin_trgm_ops) WITH (gin_pending_list_limit = 256);

COMMENT ON TABLE catalogo_palavras IS
'The different words of the names of active entries, for searches with a misspelt word; written by the fold, which only
adds, and by reconcile_catalogo_palavras(), which also removes. A word that no entry has any more finds nothing';

COMMENT ON COLUMN catalogo_palavras.palavra IS
'A word of 3 to 40 letters in lower case and without accents, as in catalogo_summary.nome_busca';

GRANT SELECT ON catalogo_palavras TO mundo_app, mundo_reader;
