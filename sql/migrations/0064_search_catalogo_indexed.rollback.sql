-- Only a superuser may set a parameter that its session does not know yet, so pg_trgm is loaded first.
DO 'BEGIN PERFORM show_trgm(''x''); END';

CREATE OR REPLACE FUNCTION search_catalogo_indexed(
    p_query text DEFAULT NULL,
    p_tipo text DEFAULT NULL,
    p_only_geometric boolean DEFAULT FALSE,
    p_limit integer DEFAULT 50,
    p_offset integer DEFAULT 0
)
RETURNS TABLE (
    id bigint,
    nome text,
    descricao text,
    tipo text,
    status text,
    criado_em timestamptz,
    atualizado_em timestamptz,
    relevance_score real,
    geom_count bigint,
    valid_geometry_pct numeric
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.4 -- noqa: PRS
AS $$
DECLARE
    c_max_limit CONSTANT integer := 1000;
    v_limit integer := least(greatest(coalesce(p_limit, 50), 0), c_max_limit);
    v_offset integer := greatest(coalesce(p_offset, 0), 0);
    v_listing boolean := coalesce(p_query, '') !~ '\S';
    v_query tsquery := catalogo_search_query(p_query);
    v_like text := unaccent(catalogo_search_text(left(p_query, 200)));
BEGIN
    IF v_listing THEN
        RETURN QUERY
        SELECT s.id, s.nome, s.descricao, s.tipo, s.status, s.criado_em, s.atualizado_em,
            0::real, s.geom_count, s.valid_geometry_pct
        FROM mv_catalogo_search_indexed AS s
        WHERE (p_tipo IS NULL OR s.tipo = p_tipo) AND (p_only_geometric IS NOT TRUE OR s.is_geometric)
        ORDER BY s.criado_em DESC, s.id DESC
        LIMIT v_limit OFFSET v_offset;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.id, s.nome, s.descricao, s.tipo, s.status, s.criado_em, s.atualizado_em,
        ts_rank(s.search_vector_pt, v_query), s.geom_count, s.valid_geometry_pct
    FROM mv_catalogo_search_indexed AS s
    WHERE s.search_vector_pt @@ v_query
        AND (p_tipo IS NULL OR s.tipo = p_tipo) AND (p_only_geometric IS NOT TRUE OR s.is_geometric)
    ORDER BY ts_rank(s.search_vector_pt, v_query) DESC, s.criado_em DESC, s.id DESC
    LIMIT v_limit OFFSET v_offset;
    -- Likeness takes over only where no page of the exact search has a row, or pages would mix both.
    IF FOUND OR EXISTS (
        SELECT FROM mv_catalogo_search_indexed AS s
        WHERE s.search_vector_pt @@ v_query
            AND (p_tipo IS NULL OR s.tipo = p_tipo) AND (p_only_geometric IS NOT TRUE OR s.is_geometric)
    ) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.id, s.nome, s.descricao, s.tipo, s.status, s.criado_em, s.atualizado_em,
        word_similarity(v_like, s.nome_busca), s.geom_count, s.valid_geometry_pct
    FROM mv_catalogo_search_indexed AS s
    WHERE v_like <% s.nome_busca
        AND (p_tipo IS NULL OR s.tipo = p_tipo) AND (p_only_geometric IS NOT TRUE OR s.is_geometric)
    ORDER BY word_similarity(v_like, s.nome_busca) DESC, s.criado_em DESC, s.id DESC
    LIMIT v_limit OFFSET v_offset;
END
$$;

COMMENT ON FUNCTION search_catalogo_indexed(text, text, boolean, integer, integer) IS
'Active catalogue entries that match what a person typed (any text is safe), best rank first, then newest, then highest
id; entries with a similar name where no word matches; all entries without a query. p_tipo: exactly this type;
p_only_geometric: only entries with geometries; p_limit: 0 to 1000 (more counts as 1000); p_offset: rows to skip';
