DROP MATERIALIZED VIEW mv_catalogo_search_indexed;

CREATE MATERIALIZED VIEW mv_catalogo_search_indexed AS
SELECT
    entry.id,
    entry.nome,
    entry.descricao,
    entry.tipo,
    entry.status,
    entry.criado_em,
    entry.atualizado_em,
    catalogo_search_vector(entry.nome, entry.tipo, entry.descricao) AS search_vector_pt,
    entry.status = 'ativo' AS is_active,
    found.geom_count > 0 AS is_geometric,
    found.geom_count,
    found.valid_geometry_pct,
    unaccent(catalogo_search_text(left(entry.nome, 2000))) AS nome_busca
FROM catalogo AS entry
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS geom_count,
            round(100.0 * count(*) FILTER (WHERE st_isvalid(part.geom)) / nullif(count(*), 0), 2) AS valid_geometry_pct
        FROM catalogo_geometrias_particionada AS part
        WHERE part.catalogo_id = entry.id
    ) AS found
WHERE entry.status = 'ativo';

CREATE UNIQUE INDEX mv_catalogo_search_indexed_key ON mv_catalogo_search_indexed (id);

CREATE INDEX mv_catalogo_search_indexed_vector_idx ON mv_catalogo_search_indexed USING gin (search_vector_pt);

CREATE INDEX mv_catalogo_search_indexed_trgm_idx ON mv_catalogo_search_indexed USING gin (nome_busca gin_trgm_ops);

CREATE INDEX mv_catalogo_search_indexed_newest_idx ON mv_catalogo_search_indexed (criado_em DESC, id DESC);

CREATE INDEX mv_catalogo_search_indexed_tipo_idx ON mv_catalogo_search_indexed (tipo);

COMMENT ON MATERIALIZED VIEW mv_catalogo_search_indexed IS 'What is searched: one row per active catalogue entry';

COMMENT ON COLUMN mv_catalogo_search_indexed.id IS 'The catalogue entry';

COMMENT ON COLUMN mv_catalogo_search_indexed.nome IS 'Its name';

COMMENT ON COLUMN mv_catalogo_search_indexed.descricao IS 'Its description, or NULL';

COMMENT ON COLUMN mv_catalogo_search_indexed.tipo IS 'Its type';

COMMENT ON COLUMN mv_catalogo_search_indexed.status IS 'Its status';

COMMENT ON COLUMN mv_catalogo_search_indexed.criado_em IS 'When the entry was made';

COMMENT ON COLUMN mv_catalogo_search_indexed.atualizado_em IS 'When the entry was last changed';

COMMENT ON COLUMN mv_catalogo_search_indexed.search_vector_pt IS 'Its search vector, see catalogo_search_vector()';

COMMENT ON COLUMN mv_catalogo_search_indexed.is_active IS 'Whether its status is ativo: always true here';

COMMENT ON COLUMN mv_catalogo_search_indexed.is_geometric IS 'Whether it has geometries';

COMMENT ON COLUMN mv_catalogo_search_indexed.geom_count IS 'How many geometries it has';

COMMENT ON COLUMN mv_catalogo_search_indexed.valid_geometry_pct IS 'Share of valid ones, percent; NULL without any';

COMMENT ON COLUMN mv_catalogo_search_indexed.nome_busca IS 'Words of its name without accents, for the search by likeness';

GRANT SELECT ON mv_catalogo_search_indexed TO mundo_app, mundo_exporter;
