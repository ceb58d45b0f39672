CREATE TABLE catalogo_origem (
    catalogo_id bigint PRIMARY KEY REFERENCES catalogo (id) ON DELETE CASCADE,
    importacao_id bigint NOT NULL REFERENCES importacoes (id),
    feature_id text NOT NULL,
    feature_index bigint NOT NULL CHECK (feature_index >= 0),
    camada text,
    categoria text,
    atributos jsonb NOT NULL DEFAULT '{}'::jsonb,
    reparo text,
    UNIQUE (importacao_id, feature_id)
);

COMMENT ON TABLE catalogo_origem IS 'Where each imported catalogue entry came from (rastreabilidade)';

COMMENT ON COLUMN catalogo_origem.catalogo_id IS 'The catalogue entry';

COMMENT ON COLUMN catalogo_origem.importacao_id IS 'The import that brought it';

COMMENT ON COLUMN catalogo_origem.feature_id IS
'Identifier of the feature in its file; its position where the file has none or repeats one';

COMMENT ON COLUMN catalogo_origem.feature_index IS 'Position of the feature in its file, from 0';

COMMENT ON COLUMN catalogo_origem.camada IS 'Layer of the feature in its file, or NULL';

COMMENT ON COLUMN catalogo_origem.categoria IS 'Category of the feature in its file, or NULL';

COMMENT ON COLUMN catalogo_origem.atributos IS 'All other attributes of the feature';

COMMENT ON COLUMN catalogo_origem.reparo IS 'What was repaired in its geometry, or NULL';

GRANT SELECT, INSERT, UPDATE, DELETE ON catalogo_origem TO mundo_app;
