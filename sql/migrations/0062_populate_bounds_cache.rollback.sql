CREATE OR REPLACE FUNCTION populate_bounds_cache()
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_written bigint;
    v_removed bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('mundo.bounds_cache', 0));
    WITH current_bounds AS (
        SELECT bounds.*
        FROM catalogo AS entry
        CROSS JOIN LATERAL catalogo_bounds(entry.id) AS bounds
        WHERE bounds.geom_count > 0
    )

    MERGE INTO catalogo_bounds_cache AS cached
    USING current_bounds AS b ON cached.catalogo_id = b.catalogo_id
    WHEN MATCHED AND (
        cached.min_lat, cached.max_lat, cached.min_lon, cached.max_lon, cached.centroid_lon, cached.centroid_lat,
        cached.bounds_wkt, cached.is_validated, cached.updated_at
    ) IS DISTINCT FROM (
        b.min_lat, b.max_lat, b.min_lon, b.max_lon, b.centroid_lon, b.centroid_lat,
        b.bounds_wkt, b.is_validated, b.updated_at
    ) THEN UPDATE SET
        min_lat = b.min_lat, max_lat = b.max_lat, min_lon = b.min_lon, max_lon = b.max_lon,
        centroid_lon = b.centroid_lon, centroid_lat = b.centroid_lat, bounds_wkt = b.bounds_wkt,
        is_validated = b.is_validated, validation_timestamp = now(), updated_at = b.updated_at
    WHEN NOT MATCHED THEN INSERT (
        catalogo_id, min_lat, max_lat, min_lon, max_lon, centroid_lon, centroid_lat, bounds_wkt, is_validated, updated_at
    ) VALUES (
        b.catalogo_id, b.min_lat, b.max_lat, b.min_lon, b.max_lon, b.centroid_lon, b.centroid_lat, b.bounds_wkt,
        b.is_validated, b.updated_at
    );
    GET DIAGNOSTICS v_written = ROW_COUNT;
    DELETE FROM catalogo_bounds_cache AS cached
    WHERE NOT EXISTS (
        SELECT FROM catalogo_geometrias_particionada AS part WHERE part.catalogo_id = cached.catalogo_id
    );
    GET DIAGNOSTICS v_removed = ROW_COUNT;
    RETURN v_written + v_removed;
END
$$;

COMMENT ON FUNCTION populate_bounds_cache() IS
'Makes catalogo_bounds_cache equal to the geometries and gives the number of rows it changed; one run at a time';
