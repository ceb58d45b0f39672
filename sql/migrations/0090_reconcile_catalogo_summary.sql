-- Each portion is compared in one statement, so summary, queue, catalogue and geometries are of one moment. In every such
-- moment an entry either stands in the queue or has a right summary, since the fold takes it out of the one and puts it
-- right in the other at once: no lock is needed, and what has just changed is not taken for a difference. Only what is
-- found wrong is computed again, at the end and under the fold's lock.
CREATE OR REPLACE FUNCTION reconcile_catalogo_summary(p_portion integer DEFAULT 5000)
RETURNS summary_reconciliation_log
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_log summary_reconciliation_log;
    v_after bigint;
    v_ids bigint[];
    v_wrong bigint[] := '{}';
BEGIN
    IF p_portion IS NULL OR p_portion < 1 THEN
        RAISE EXCEPTION 'p_portion is %, allowed is 1 or more', coalesce(p_portion::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO summary_reconciliation_log DEFAULT VALUES RETURNING * INTO v_log;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('mundo.reconcile', 0)) THEN
        UPDATE summary_reconciliation_log SET outcome = 'skipped', finished_at = clock_timestamp()
        WHERE id = v_log.id
        RETURNING * INTO v_log;
        RETURN v_log;
    END IF;
    BEGIN
        LOOP
            SELECT array_agg(portion.id ORDER BY portion.id) INTO v_ids
            FROM (
                (SELECT entry.id FROM catalogo AS entry WHERE v_after IS NULL OR entry.id > v_after ORDER BY 1 LIMIT p_portion)
                UNION
                (
                    SELECT held.catalogo_id FROM catalogo_summary AS held
                    WHERE v_after IS NULL OR held.catalogo_id > v_after
                    ORDER BY 1
                    LIMIT p_portion
                )
                ORDER BY 1
                LIMIT p_portion
            ) AS portion;
            EXIT WHEN v_ids IS NULL;
            v_after := v_ids[cardinality(v_ids)];
            WITH queued AS MATERIALIZED (
                SELECT DISTINCT waiting.catalogo_id
                FROM catalogo_change_queue AS waiting
                WHERE waiting.catalogo_id = ANY (v_ids)
            ),

            compared AS (
                SELECT
                    wanted.id,
                    (
                        held.nome, held.descricao, held.tipo, held.status, held.criado_em, held.atualizado_em,
                        held.is_active, held.nome_busca, held.nome_vector, held.search_vector_pt, held.geom_count,
                        held.valid_count, held.min_lon, held.min_lat, held.max_lon, held.max_lat, held.bounds_wkt, held.centroid_lon,
                        held.centroid_lat, held.area_m2, held.points, held.first_created, held.last_updated
                    ) IS DISTINCT FROM (
                        found.nome, found.descricao, found.tipo, found.status, found.criado_em, found.atualizado_em,
                        found.status = 'ativo', unaccent(catalogo_search_text(left(found.nome, 2000))),
                        CASE WHEN found.nome IS NOT NULL THEN catalogo_search_vector(found.nome, '', '') END,
                        CASE WHEN found.nome IS NOT NULL
                            THEN catalogo_search_vector(found.nome, found.tipo, found.descricao)
                        END,
                        found.geom_count, found.valid_count, found.min_lon, found.min_lat, found.max_lon, found.max_lat,
                        found.bounds_wkt, found.centroid_lon, found.centroid_lat, found.area_m2, found.points, found.first_created,
                        found.last_updated
                    ) AS is_wrong
                FROM unnest(v_ids) AS wanted (id)
                LEFT JOIN catalogo_summary AS held ON wanted.id = held.catalogo_id
                LEFT JOIN catalogo_summary_of(v_ids) AS found ON wanted.id = found.catalogo_id
                WHERE wanted.id NOT IN (SELECT queued.catalogo_id FROM queued)
            )

            SELECT
                v_wrong || coalesce(array_agg(compared.id ORDER BY compared.id) FILTER (WHERE compared.is_wrong), '{}'),
                v_log.entries_checked + count(*),
                v_log.entries_queued + (SELECT count(*) FROM queued)
            INTO v_wrong, v_log.entries_checked, v_log.entries_queued
            FROM compared;
        END LOOP;
        v_log.differences := cardinality(v_wrong);
        v_log.sample_ids := v_wrong[1:20];
        FOR v_first IN 1..cardinality(v_wrong) BY p_portion LOOP
            PERFORM recompute_catalogo_summary(v_wrong[v_first:v_first + p_portion - 1], TRUE);
        END LOOP;
        PERFORM reconcile_catalogo_palavras();
        v_log.outcome := 'success';
    EXCEPTION
        WHEN query_canceled OR OTHERS THEN
            v_log.outcome := 'failed';
            v_log.error_text := sqlerrm;
    END;
    UPDATE summary_reconciliation_log
    SET finished_at = clock_timestamp(), entries_checked = v_log.entries_checked, entries_queued = v_log.entries_queued,
        differences = v_log.differences, sample_ids = v_log.sample_ids, outcome = v_log.outcome,
        error_text = v_log.error_text
    WHERE id = v_log.id
    RETURNING * INTO v_log;
    RETURN v_log;
END
$$;

COMMENT ON FUNCTION reconcile_catalogo_summary(integer) IS
'Computes every entry anew, p_portion at a time, compares it with catalogo_summary, mends what differs and gives its row
of summary_reconciliation_log; also puts catalogo_palavras right. An entry whose change is still queued is left to the fold. Run nightly by pg_cron';
