-- From the summary, after a fold: an entry that changes after that is brought over by the next run. One that was deleted
-- after it may still have its summary, hence the join.
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
    PERFORM fold_catalogo_changes(NULL, TRUE);
    MERGE INTO catalogo_bounds_cache AS cached
    USING (
        SELECT
            held.*,
            held.valid_count = held.geom_count AS is_validated
        FROM catalogo_summary AS held
        INNER JOIN catalogo AS entry ON held.catalogo_id = entry.id
        WHERE held.geom_count > 0
    ) AS b ON cached.catalogo_id = b.catalogo_id
    WHEN MATCHED AND (
        cached.min_lat, cached.max_lat, cached.min_lon, cached.max_lon, cached.centroid_lon, cached.centroid_lat,
        cached.bounds_wkt, cached.is_validated, cached.updated_at
    ) IS DISTINCT FROM (
        b.min_lat, b.max_lat, b.min_lon, b.max_lon, b.centroid_lon, b.centroid_lat,
        b.bounds_wkt, b.is_validated, b.last_updated
    ) THEN UPDATE SET
        min_lat = b.min_lat, max_lat = b.max_lat, min_lon = b.min_lon, max_lon = b.max_lon,
        centroid_lon = b.centroid_lon, centroid_lat = b.centroid_lat, bounds_wkt = b.bounds_wkt,
        is_validated = b.is_validated, validation_timestamp = now(), updated_at = b.last_updated
    WHEN NOT MATCHED THEN INSERT (
        catalogo_id, min_lat, max_lat, min_lon, max_lon, centroid_lon, centroid_lat, bounds_wkt, is_validated, updated_at
    ) VALUES (
        b.catalogo_id, b.min_lat, b.max_lat, b.min_lon, b.max_lon, b.centroid_lon, b.centroid_lat, b.bounds_wkt,
        b.is_validated, b.last_updated
    );
    GET DIAGNOSTICS v_written = ROW_COUNT;
    DELETE FROM catalogo_bounds_cache AS cached
    WHERE NOT EXISTS (
        SELECT FROM catalogo_summary AS held WHERE held.catalogo_id = cached.catalogo_id AND held.geom_count > 0
    );
    GET DIAGNOSTICS v_removed = ROW_COUNT;
    RETURN v_written + v_removed;
END
$$;

COMMENT ON FUNCTION populate_bounds_cache() IS
'Folds what is queued, makes catalogo_bounds_cache equal to the summary and gives the number of rows it changed; one run at
a time';
