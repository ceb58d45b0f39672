CREATE TABLE importacao_rejeitos (
    importacao_id bigint NOT NULL REFERENCES importacoes (id) ON DELETE CASCADE,
    feature_index bigint NOT NULL CHECK (feature_index >= 0),
    feature_id text,
    motivo text NOT NULL CHECK (motivo <> ''),
    bruto text,
    PRIMARY KEY (importacao_id, feature_index)
);

COMMENT ON TABLE importacao_rejeitos IS 'Features that an import could not store, each with its reason';

COMMENT ON COLUMN importacao_rejeitos.importacao_id IS 'The import that read it';

COMMENT ON COLUMN importacao_rejeitos.feature_index IS 'Position of the feature in its file, from 0';

COMMENT ON COLUMN importacao_rejeitos.feature_id IS 'Identifier of the feature in its file, or NULL';

COMMENT ON COLUMN importacao_rejeitos.motivo IS 'Why it was refused, for a person to read';

COMMENT ON COLUMN importacao_rejeitos.bruto IS 'The feature as it was read';

GRANT SELECT, INSERT, UPDATE, DELETE ON importacao_rejeitos TO mundo_app;
