CREATE TABLE catalogo_bounds_cache (
    catalogo_id bigint PRIMARY KEY REFERENCES catalogo (id) ON DELETE CASCADE,
    min_lat double precision NOT NULL,
    max_lat double precision NOT NULL,
    min_lon double precision NOT NULL,
    max_lon double precision NOT NULL,
    centroid_lon double precision NOT NULL,
    centroid_lat double precision NOT NULL,
    bounds_wkt text NOT NULL,
    is_validated boolean NOT NULL,
    validation_timestamp timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE catalogo_bounds_cache IS
'Bounds of each catalogue entry with geometries, as of the last run of populate_bounds_cache()';

COMMENT ON COLUMN catalogo_bounds_cache.catalogo_id IS 'The catalogue entry';

COMMENT ON COLUMN catalogo_bounds_cache.min_lat IS 'Southern edge, degrees';

COMMENT ON COLUMN catalogo_bounds_cache.max_lat IS 'Northern edge, degrees';

COMMENT ON COLUMN catalogo_bounds_cache.min_lon IS 'Western edge, degrees';

COMMENT ON COLUMN catalogo_bounds_cache.max_lon IS 'Eastern edge, degrees';

COMMENT ON COLUMN catalogo_bounds_cache.centroid_lon IS 'Longitude of the centroid of all geometries, degrees';

COMMENT ON COLUMN catalogo_bounds_cache.centroid_lat IS 'Latitude of the centroid of all geometries, degrees';

COMMENT ON COLUMN catalogo_bounds_cache.bounds_wkt IS 'Envelope of all geometries as WKT, EPSG:4326';

COMMENT ON COLUMN catalogo_bounds_cache.is_validated IS 'Whether all geometries were valid';

COMMENT ON COLUMN catalogo_bounds_cache.validation_timestamp IS 'When the row was last compared with the geometries';

COMMENT ON COLUMN catalogo_bounds_cache.updated_at IS 'Last change of the geometries that the bounds come from';

GRANT SELECT ON catalogo_bounds_cache TO mundo_app;
