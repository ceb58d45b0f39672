-- From the summary: a refresh reads one small row per entry instead of all geometries.
DO $$
BEGIN
    WHILE fold_catalogo_changes(p_wait => TRUE) > 0 LOOP
    END LOOP;
END
$$;

DROP MATERIALIZED VIEW mv_catalogo_geometrias_stats;

-- No now() in it: a value that changes at every refresh would make every row a changed row.
CREATE MATERIALIZED VIEW mv_catalogo_geometrias_stats AS
SELECT
    held.catalogo_id,
    held.nome,
    held.tipo,
    held.geom_count AS total_geometrias,
    round(100.0 * held.valid_count / nullif(held.geom_count, 0), 2) AS valid_geometry_percent,
    held.bounds_wkt,
    held.area_m2 AS total_area_m2,
    round(held.points::numeric / nullif(held.geom_count, 0), 2) AS avg_points_per_geom,
    held.first_created,
    held.last_updated,
    held.folded_at AS materialized_at
FROM catalogo_summary AS held;

CREATE UNIQUE INDEX mv_catalogo_geometrias_stats_key ON mv_catalogo_geometrias_stats (catalogo_id);

CREATE INDEX mv_catalogo_geometrias_stats_tipo_idx ON mv_catalogo_geometrias_stats (tipo);

COMMENT ON MATERIALIZED VIEW mv_catalogo_geometrias_stats IS
'Statistics of the geometries of each catalogue entry, one row per entry (also without geometries)';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.catalogo_id IS 'The catalogue entry';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.nome IS 'Its name';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.tipo IS 'Its type';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.total_geometrias IS 'How many geometries it has';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.valid_geometry_percent IS 'Share of valid ones, percent; NULL without any';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.bounds_wkt IS 'Envelope of all of them as WKT, EPSG:4326; NULL without any';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.total_area_m2 IS 'Area on the spheroid, square metres; lines and points have 0';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.avg_points_per_geom IS 'Mean number of vertices of a geometry';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.first_created IS 'Earliest created_at of its geometries';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.last_updated IS 'Latest updated_at of its geometries';

COMMENT ON COLUMN mv_catalogo_geometrias_stats.materialized_at IS
'When the values of this row were computed; a row that did not change keeps it (the view''s age is in v_mv_refresh_status)';

GRANT SELECT ON mv_catalogo_geometrias_stats TO mundo_app, mundo_exporter;
