-- What the map, its tiles and its downloads show. A plain join without a sort of its own: a condition on geom reaches the
-- GiST index of each partition, and pages ordered by id follow the primary keys.
CREATE VIEW v_mapa_feicoes AS
SELECT
    geometria.id,
    geometria.catalogo_id,
    entry.nome,
    entry.descricao,
    entry.tipo,
    coalesce(nullif(origem.categoria, ''), 'SEM_CATEGORIA') AS categoria,
    origem.camada,
    origem.importacao_id,
    run.arquivo,
    origem.feature_id,
    origem.feature_index,
    run.concluida_em AS importado_em,
    geometria.is_valid,
    geometria.validity_error_msg,
    geometria.created_at,
    geometria.updated_at,
    geometria.geom
FROM catalogo_geometrias_particionada AS geometria
INNER JOIN catalogo AS entry ON geometria.catalogo_id = entry.id AND entry.status = 'ativo'
LEFT JOIN catalogo_origem AS origem ON geometria.catalogo_id = origem.catalogo_id
LEFT JOIN importacoes AS run ON origem.importacao_id = run.id;

COMMENT ON VIEW v_mapa_feicoes IS
'Every geometry of the active entries with its entry and where it came from, one row per geometry: what the map shows';

COMMENT ON COLUMN v_mapa_feicoes.id IS 'Number of the geometry';

COMMENT ON COLUMN v_mapa_feicoes.catalogo_id IS 'The catalogue entry it belongs to';

COMMENT ON COLUMN v_mapa_feicoes.nome IS 'Name of the entry';

COMMENT ON COLUMN v_mapa_feicoes.descricao IS 'Description of the entry, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.tipo IS 'Type of the entry';

COMMENT ON COLUMN v_mapa_feicoes.categoria IS
'Category of the feature in its file; SEM_CATEGORIA where the file gave none or no import made the entry';

COMMENT ON COLUMN v_mapa_feicoes.camada IS 'Layer of the feature in its file, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.importacao_id IS 'The import that brought the entry, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.arquivo IS 'Name of the file it came from, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.feature_id IS 'Identifier of the feature in its file, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.feature_index IS 'Position of the feature in its file, from 0, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.importado_em IS 'When the import was complete, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.is_valid IS 'Whether the geometry is valid (OGC)';

COMMENT ON COLUMN v_mapa_feicoes.validity_error_msg IS 'Why the geometry is not valid, or NULL';

COMMENT ON COLUMN v_mapa_feicoes.created_at IS 'When the geometry came to be';

COMMENT ON COLUMN v_mapa_feicoes.updated_at IS 'When the geometry was last changed';

COMMENT ON COLUMN v_mapa_feicoes.geom IS
'MultiPolygon, MultiLineString or MultiPoint in EPSG:4326 (longitude, latitude in degrees)';

GRANT SELECT ON v_mapa_feicoes TO mundo_app;
