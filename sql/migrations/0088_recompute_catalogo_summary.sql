-- One statement, so that what is read and what it is compared with are of one moment. A row that would stay the same is
-- not written: no dead row, no new version, nothing for the next refresh to take over. The vectors cost most and follow
-- from name, type and description, so they are made anew only when one of these changed, or on request. The same
-- statement tells the outbox, which costs nothing where nothing changed and no index on version. Words of names are learnt
-- under the same lock, so no two folds add the same.
CREATE OR REPLACE FUNCTION recompute_catalogo_summary(p_ids bigint[], p_rebuild boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    -- Before the snapshot: whatever was committed until then is in the row.
    v_now timestamptz := clock_timestamp();
    v_changed bigint;
    v_names text[];
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'changes are folded under READ COMMITTED only, not under %',
            upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    -- Held already by the callers; taken again so that nobody can write without it.
    PERFORM pg_advisory_xact_lock(hashtextextended('mundo.fold', 0));
    WITH merged AS (
        MERGE INTO catalogo_summary AS old
        USING (
            SELECT
                wanted.id AS wanted_id,
                found.*
            FROM unnest(p_ids) AS wanted (id)
            LEFT JOIN catalogo_summary_of(p_ids) AS found ON wanted.id = found.catalogo_id
        ) AS new ON old.catalogo_id = new.wanted_id
        WHEN MATCHED AND new.catalogo_id IS NULL THEN DELETE
        WHEN MATCHED AND (p_rebuild OR (old.nome, old.tipo, old.descricao) IS DISTINCT FROM (new.nome, new.tipo, new.descricao))
        THEN UPDATE SET
            nome = new.nome, descricao = new.descricao, tipo = new.tipo, status = new.status, criado_em = new.criado_em,
            atualizado_em = new.atualizado_em, is_active = new.status = 'ativo',
            nome_busca = unaccent(catalogo_search_text(left(new.nome, 2000))),
            nome_vector = catalogo_search_vector(new.nome, '', ''),
            search_vector_pt = catalogo_search_vector(new.nome, new.tipo, new.descricao),
            geom_count = new.geom_count, valid_count = new.valid_count, min_lon = new.min_lon, min_lat = new.min_lat,
            max_lon = new.max_lon, max_lat = new.max_lat, bounds_wkt = new.bounds_wkt,
            centroid_lon = new.centroid_lon, centroid_lat = new.centroid_lat, area_m2 = new.area_m2, points = new.points, first_created = new.first_created,
            last_updated = new.last_updated, version = DEFAULT, folded_at = v_now
        WHEN MATCHED AND (
            old.status, old.criado_em, old.atualizado_em, old.geom_count, old.valid_count, old.min_lon, old.min_lat,
            old.max_lon, old.max_lat, old.centroid_lon, old.centroid_lat, old.area_m2, old.points, old.first_created,
            old.last_updated
        ) IS DISTINCT FROM (
            new.status, new.criado_em, new.atualizado_em, new.geom_count, new.valid_count, new.min_lon, new.min_lat,
            new.max_lon, new.max_lat, new.centroid_lon, new.centroid_lat, new.area_m2, new.points, new.first_created,
            new.last_updated
        ) THEN UPDATE SET
            status = new.status, criado_em = new.criado_em, atualizado_em = new.atualizado_em,
            is_active = new.status = 'ativo', geom_count = new.geom_count, valid_count = new.valid_count,
            min_lon = new.min_lon, min_lat = new.min_lat, max_lon = new.max_lon, max_lat = new.max_lat, bounds_wkt = new.bounds_wkt,
            centroid_lon = new.centroid_lon, centroid_lat = new.centroid_lat, area_m2 = new.area_m2, points = new.points,
            first_created = new.first_created, last_updated = new.last_updated, version = DEFAULT, folded_at = v_now
        WHEN NOT MATCHED AND new.catalogo_id IS NOT NULL THEN INSERT (
            catalogo_id, nome, descricao, tipo, status, criado_em, atualizado_em, is_active, nome_busca, nome_vector,
            search_vector_pt, geom_count, valid_count, min_lon, min_lat, max_lon, max_lat, bounds_wkt, centroid_lon,
            centroid_lat, area_m2, points, first_created, last_updated, folded_at
        ) VALUES (
            new.catalogo_id, new.nome, new.descricao, new.tipo, new.status, new.criado_em, new.atualizado_em,
            new.status = 'ativo', unaccent(catalogo_search_text(left(new.nome, 2000))),
            catalogo_search_vector(new.nome, '', ''), catalogo_search_vector(new.nome, new.tipo, new.descricao),
            new.geom_count, new.valid_count, new.min_lon, new.min_lat, new.max_lon, new.max_lat, new.bounds_wkt,
            new.centroid_lon, new.centroid_lat, new.area_m2, new.points, new.first_created, new.last_updated, v_now
        )
        RETURNING merge_action() AS action, old.catalogo_id, old.version, old.is_active, old.nome_busca
    ),
    told AS (
        INSERT INTO catalogo_bounds_changes (catalogo_id, version, deleted, changed_at)
        SELECT
            merged.catalogo_id,
            CASE
                WHEN merged.action = 'DELETE' THEN nextval('public.catalogo_summary_version_seq'::regclass)
                ELSE merged.version
            END,
            merged.action = 'DELETE',
            v_now
        FROM merged
        WHERE merged.action <> 'INSERT'
    )
    SELECT
        count(*),
        array_agg(merged.nome_busca) FILTER (WHERE merged.is_active AND merged.action <> 'DELETE')
    INTO v_changed, v_names
    FROM merged;
    PERFORM learn_catalogo_palavras(v_names);
    RETURN v_changed;
END
$$;

COMMENT ON FUNCTION recompute_catalogo_summary(bigint[], boolean) IS
'Makes the summary of these entries (each named once) equal to catalogo and the geometries as they are now, tells
catalogo_bounds_changes of those that were there before and catalogo_palavras of the words of active names, and gives the number of rows that it wrote or removed; p_rebuild
also makes the search vectors of unchanged names anew';

-- What the fold has written until now.
DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('mundo.fold', 0));
    PERFORM learn_catalogo_palavras((
        SELECT array_agg(held.nome_busca) FROM catalogo_summary AS held
        WHERE held.is_active
    ));
END
$$;
