CREATE OR REPLACE FUNCTION catalogo_bounds(p_catalogo_id bigint)
RETURNS TABLE (
    catalogo_id bigint,
    min_lon double precision,
    min_lat double precision,
    max_lon double precision,
    max_lat double precision,
    centroid_lon double precision,
    centroid_lat double precision,
    bounds_wkt text,
    geom_count bigint,
    is_validated boolean,
    updated_at timestamptz
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT
        entry.id,
        st_xmin(found.extent),
        st_ymin(found.extent),
        st_xmax(found.extent),
        st_ymax(found.extent),
        st_x(found.centroid),
        st_y(found.centroid),
        st_astext(st_setsrid(found.extent::geometry, 4326)),
        found.geom_count,
        found.is_validated,
        coalesce(found.updated_at, entry.atualizado_em)
    FROM catalogo AS entry
    CROSS JOIN LATERAL (
        SELECT
            st_extent(part.geom) AS extent,
            st_centroid(st_collect(part.geom)) AS centroid,
            count(*) AS geom_count,
            bool_and(part.is_valid) AS is_validated,
            max(part.updated_at) AS updated_at
        FROM catalogo_geometrias_particionada AS part
        WHERE part.catalogo_id = entry.id
    ) AS found
    WHERE entry.id = p_catalogo_id
$$;

COMMENT ON FUNCTION catalogo_bounds(bigint) IS
'Bounds of one catalogue entry now, straight from its geometries, in degrees: no row for an unknown entry, NULL bounds
and geom_count 0 for one without geometries. updated_at is the last change of its geometries (of the entry without any)';
