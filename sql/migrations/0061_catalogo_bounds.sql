-- Never stale: an entry that is not queued has a right summary, one that is queued is read from its geometries. Everything
-- is of one moment, since a STABLE function sees what the calling statement sees. The queue has no index (each insert
-- would pay for it), so it is looked through only while it is short, dead rows included; that is always, but for a while
-- after many changes.
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
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    c_short CONSTANT bigint := 256 * 1024;
BEGIN
    IF pg_relation_size('public.catalogo_change_queue') <= c_short
        AND NOT EXISTS (SELECT FROM catalogo_change_queue AS queued WHERE queued.catalogo_id = p_catalogo_id)
    THEN
        RETURN QUERY
        SELECT held.catalogo_id, held.min_lon, held.min_lat, held.max_lon, held.max_lat, held.centroid_lon,
            held.centroid_lat, held.bounds_wkt, held.geom_count,
            CASE WHEN held.geom_count > 0 THEN held.valid_count = held.geom_count END,
            coalesce(held.last_updated, held.atualizado_em)
        FROM catalogo_summary AS held
        WHERE held.catalogo_id = p_catalogo_id;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT entry.id, st_xmin(found.extent), st_ymin(found.extent), st_xmax(found.extent), st_ymax(found.extent),
        st_x(found.centroid), st_y(found.centroid), st_astext(found.extent::geometry), found.geom_count,
        found.is_validated, coalesce(found.updated_at, entry.atualizado_em)
    FROM catalogo AS entry
    CROSS JOIN LATERAL (
        SELECT
            st_extent(part.geom) AS extent,
            st_centroid(st_collect(part.geom ORDER BY part.id, part.created_at)) AS centroid,
            count(*) AS geom_count,
            bool_and(part.is_valid) AS is_validated,
            max(part.updated_at) AS updated_at
        FROM catalogo_geometrias_particionada AS part
        WHERE part.catalogo_id = entry.id
    ) AS found
    WHERE entry.id = p_catalogo_id;
END
$$;

COMMENT ON FUNCTION catalogo_bounds(bigint) IS
'Bounds of one catalogue entry now, in degrees, from its summary or, while a change of it is queued, straight from its
geometries: no row for an unknown entry, NULL bounds and geom_count 0 for one without geometries. updated_at is the last
change of its geometries (of the entry without any)';
