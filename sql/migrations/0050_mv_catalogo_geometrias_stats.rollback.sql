DROP MATERIALIZED VIEW mv_catalogo_geometrias_stats;

-- No now() in it: a value that changes at every refresh would make every row a changed row.
CREATE MATERIALIZED VIEW mv_catalogo_geometrias_stats AS
SELECT
    entry.id AS catalogo_id,
    entry.nome,
    entry.tipo,
    found.total_geometrias,
    found.valid_geometry_percent,
    found.bounds_wkt,
    found.total_area_m2,
    found.avg_points_per_geom,
    found.first_created,
    found.last_updated,
    coalesce(
        (
            SELECT run.started_at
            FROM mv_refresh_log AS run
            WHERE
                run.view_name = 'mv_catalogo_geometrias_stats'
                AND run.outcome IN ('running', 'success')
                AND run.started_at >= greatest(entry.atualizado_em, found.last_updated)
            ORDER BY run.started_at ASC
            LIMIT 1
        ),
        (
            SELECT run.started_at
            FROM mv_refresh_log AS run
            WHERE run.view_name = 'mv_catalogo_geometrias_stats' AND run.outcome IN ('running', 'success')
            ORDER BY run.started_at DESC
            LIMIT 1
        )
    ) AS materialized_at
FROM catalogo AS entry
CROSS JOIN LATERAL (
    SELECT
        count(*) AS total_geometrias,
        round(100.0 * count(*) FILTER (WHERE st_isvalid(part.geom)) / nullif(count(*), 0), 2) AS valid_geometry_percent,
        st_astext(st_setsrid(st_extent(part.geom)::geometry, 4326)) AS bounds_wkt,
        coalesce(sum(st_area(part.geom::geography)), 0) AS total_area_m2,
        round(avg(st_npoints(part.geom)), 2) AS avg_points_per_geom,
        min(part.created_at) AS first_created,
        max(part.updated_at) AS last_updated
    FROM catalogo_geometrias_particionada AS part
    WHERE part.catalogo_id = entry.id
) AS found;

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
'Start of the first refresh after the entry''s last change, from mv_refresh_log (the view''s age is in v_mv_refresh_status)';

GRANT SELECT ON mv_catalogo_geometrias_stats TO mundo_app, mundo_exporter;
