-- From the held. The search itself reads the summary and never waits for this view, so of its indexes only those stay
-- that the refresh and readers of the view need.
DROP MATERIALIZED VIEW mv_catalogo_search_indexed;

CREATE MATERIALIZED VIEW mv_catalogo_search_indexed AS
SELECT
    held.catalogo_id AS id,
    held.nome,
    held.descricao,
    held.tipo,
    held.status,
    held.criado_em,
    held.atualizado_em,
    held.search_vector_pt,
    held.is_active,
    held.geom_count > 0 AS is_geometric,
    held.geom_count,
    round(100.0 * held.valid_count / nullif(held.geom_count, 0), 2) AS valid_geometry_pct,
    held.nome_busca
FROM catalogo_summary AS held
WHERE held.is_active;

CREATE UNIQUE INDEX mv_catalogo_search_indexed_key ON mv_catalogo_search_indexed (id);

CREATE INDEX mv_catalogo_search_indexed_vector_idx ON mv_catalogo_search_indexed USING gin (search_vector_pt);

COMMENT ON MATERIALIZED VIEW mv_catalogo_search_indexed IS 'What is searched, as of the last refresh: one row per active catalogue entry';

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
