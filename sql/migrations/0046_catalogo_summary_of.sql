-- Entry by entry through the index on catalogo_id: for a handful and for all of them the cost is that of the
-- geometries alone, and no sort or hash of many geometries is ever held. Sums of floating-point numbers depend on their
-- order, so it is fixed: the same geometries give the same bits. Validity is what is stored with the geometry (kept by
-- its trigger); checking it again would cost more than all the rest.
CREATE FUNCTION catalogo_summary_of(p_ids bigint[])
RETURNS TABLE (
    catalogo_id bigint,
    nome text,
    descricao text,
    tipo text,
    status text,
    criado_em timestamptz,
    atualizado_em timestamptz,
    geom_count bigint,
    valid_count bigint,
    min_lon double precision,
    min_lat double precision,
    max_lon double precision,
    max_lat double precision,
    bounds_wkt text,
    centroid_lon double precision,
    centroid_lat double precision,
    area_m2 double precision,
    points bigint,
    first_created timestamptz,
    last_updated timestamptz
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, public, pg_temp
SET jit = off
AS $$
    SELECT
        entry.id,
        entry.nome,
        entry.descricao,
        entry.tipo,
        entry.status,
        entry.criado_em,
        entry.atualizado_em,
        found.geom_count,
        found.valid_count,
        st_xmin(found.extent),
        st_ymin(found.extent),
        st_xmax(found.extent),
        st_ymax(found.extent),
        st_astext(found.extent::geometry),
        st_x(found.centroid),
        st_y(found.centroid),
        found.area_m2,
        found.points,
        found.first_created,
        found.last_updated
    FROM unnest(p_ids) AS wanted (id)
    INNER JOIN catalogo AS entry ON wanted.id = entry.id
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS geom_count,
            count(*) FILTER (WHERE part.is_valid) AS valid_count,
            st_extent(part.geom) AS extent,
            st_centroid(st_collect(part.geom ORDER BY part.id, part.created_at)) AS centroid,
            coalesce(sum(st_area(part.geom::geography) ORDER BY part.id, part.created_at), 0) AS area_m2,
            coalesce(sum(st_npoints(part.geom)), 0) AS points,
            min(part.created_at) AS first_created,
            max(part.updated_at) AS last_updated
        FROM catalogo_geometrias_particionada AS part
        WHERE part.catalogo_id = entry.id
    ) AS found
$$;

COMMENT ON FUNCTION catalogo_summary_of(bigint[]) IS
'What catalogo_summary should say of these entries now, straight from catalogo and the geometries (no row for an entry
that does not exist); the one definition that the fold and the reconciliation share';
