-- All three numbers are from one look at the summary: shares of them never mix two moments.
CREATE VIEW v_geometry_status AS
SELECT
    coalesce(sum(entry.geom_count), 0)::bigint AS stored_count,
    coalesce(sum(entry.valid_count), 0)::bigint AS valid_count,
    coalesce(sum(entry.geom_count) FILTER (WHERE run.id IS NOT NULL), 0)::bigint AS traceable_count
FROM catalogo_summary AS entry
LEFT JOIN catalogo_origem AS origem ON entry.catalogo_id = origem.catalogo_id AND origem.feature_id <> ''
LEFT JOIN importacoes AS run ON origem.importacao_id = run.id AND run.arquivo <> '' AND origem.feature_index < run.lidas;

COMMENT ON VIEW v_geometry_status IS
'How many geometries are stored, valid, and traceable; one row. Reads every entry, so look at it every few minutes at most';

COMMENT ON COLUMN v_geometry_status.stored_count IS 'Geometries, as of the last fold';

COMMENT ON COLUMN v_geometry_status.valid_count IS 'Those of them that are valid';

COMMENT ON COLUMN v_geometry_status.traceable_count IS
'Those of them whose entry leads back to an import, a file by name and digest, and a feature that this import read';

GRANT SELECT ON v_geometry_status TO mundo_app, mundo_exporter;
