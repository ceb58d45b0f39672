-- For caches: what has no version must not be kept. A summary says one thing under one version, whether or not a change of
-- its entry is queued, so it may always be kept, and the outbox brings what follows. It is passed over while a change is
-- known to be queued, since whoever asks now gets the answer of now; behind a long queue nobody looks (see
-- catalogo_bounds), and the summary's answer is as old as the fold is behind.
CREATE FUNCTION catalogo_bounds_versioned(p_catalogo_id bigint)
RETURNS TABLE (
    catalogo_id bigint,
    min_lon double precision,
    min_lat double precision,
    max_lon double precision,
    max_lat double precision,
    centroid_lon double precision,
    centroid_lat double precision,
    geom_count bigint,
    updated_at timestamptz,
    version bigint -- noqa: RF04
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    c_short CONSTANT bigint := 256 * 1024;
BEGIN
    IF pg_relation_size('public.catalogo_change_queue') > c_short
        OR NOT EXISTS (SELECT FROM catalogo_change_queue AS queued WHERE queued.catalogo_id = p_catalogo_id)
    THEN
        RETURN QUERY
        SELECT held.catalogo_id, held.min_lon, held.min_lat, held.max_lon, held.max_lat, held.centroid_lon,
            held.centroid_lat, held.geom_count, coalesce(held.last_updated, held.atualizado_em), held.version
        FROM catalogo_summary AS held
        WHERE held.catalogo_id = p_catalogo_id;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    SELECT b.catalogo_id, b.min_lon, b.min_lat, b.max_lon, b.max_lat, b.centroid_lon, b.centroid_lat, b.geom_count,
        b.updated_at, NULL::bigint
    FROM catalogo_bounds(p_catalogo_id) AS b;
END
$$;

COMMENT ON FUNCTION catalogo_bounds_versioned(bigint) IS
'Bounds of one catalogue entry as catalogo_bounds() gives them, with the version of the summary they come from; without
one they are straight from the geometries and must not be kept. No row for an unknown entry';

GRANT EXECUTE ON FUNCTION catalogo_bounds_versioned(bigint) TO mundo_app, mundo_reader;
