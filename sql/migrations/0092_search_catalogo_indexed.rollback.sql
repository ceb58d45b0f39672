-- Only a superuser may set a parameter that its session does not know yet, so pg_trgm is loaded first.
DO 'BEGIN PERFORM show_trgm(''x''); END';

-- Rank is one of three classes (the name is the query; the name has all words; they are found anywhere), newest first
-- inside each. A rank of its own for every row would mean to compute and sort all matches; in this order the first page
-- of a common word is found by reading the newest entries until it is full.
--
-- Whether that pays follows from the planner's estimate: with m matches in t entries, a page of n rows is met after about
-- n * t / m entries, so walking is the shorter way when that is less than m. It ends after m entries (20,000 at most),
-- full page or not: then the index answers for the rest, and little is lost. Where few match, one statement over the
-- index does everything.
--
-- STABLE: all statements see the same moment, so the parts of a page fit together. EXECUTE: each is planned for its words;
-- the one over the index is the same for all, so its plan is kept.
-- OFFSET 0 keeps the planner from walking the whole table in order of age where the index is meant to answer.
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
SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    c_max_limit CONSTANT integer := 1000;
    c_max_walk CONSTANT integer := 20000;
    c_columns CONSTANT text := 'SELECT held.catalogo_id, held.nome, held.descricao, held.tipo, held.status,'
        ' held.criado_em, held.atualizado_em, (%s)::real, held.geom_count,'
        ' round(100.0 * held.valid_count / nullif(held.geom_count, 0), 2)';
    c_newest CONSTANT text := ' ORDER BY held.criado_em DESC, held.catalogo_id DESC';
    c_page CONSTANT text := ' LIMIT $4 OFFSET $5';
    c_scores CONSTANT real[] := '{1, 0.5, 0.1}';
    c_classes CONSTANT text[] := ARRAY[
        'held.nome_busca = $2 AND held.nome_vector @@ $1',
        'held.nome_vector @@ $1 AND held.nome_busca <> $2',
        'held.search_vector_pt @@ $1 AND NOT held.nome_vector @@ $1'
    ];
    -- What the index of each class answers; the rest is looked at row by row.
    c_index CONSTANT text[] := ARRAY[
        ' AND left(held.nome_busca, 100) = left($2, 100) ORDER BY held.criado_em DESC, held.catalogo_id DESC',
        ' AND held.nome_vector @@ $1',
        ' AND held.search_vector_pt @@ $1'
    ];
    v_left integer := least(greatest(coalesce(p_limit, 50), 0), c_max_limit);
    v_skip bigint := greatest(coalesce(p_offset, 0), 0);
    v_query tsquery := catalogo_search_query(p_query);
    v_name text := unaccent(catalogo_search_text(left(p_query, 2000)));
    v_like text := unaccent(catalogo_search_text(left(p_query, 200)));
    v_active text := ' FROM catalogo_summary AS held WHERE held.is_active'
        || CASE WHEN p_tipo IS NULL THEN '' ELSE ' AND held.tipo = $3' END;
    v_shape text := CASE WHEN p_only_geometric THEN ' AND held.geom_count > 0' ELSE '' END;
    v_total double precision;
    v_few double precision;
    v_queries tsquery[];
    v_guesses double precision[];
    v_guess integer;
    v_in_names double precision;
    v_expected double precision[];
    v_walk bigint;
    v_given bigint;
    v_rows bigint;
    v_any boolean := FALSE;
BEGIN
    IF v_left = 0 THEN
        RETURN;
    END IF;
    IF coalesce(p_query, '') !~ '\S' THEN
        RETURN QUERY EXECUTE format(c_columns, 0) || v_active || v_shape || c_newest || c_page
        USING v_query, v_name, p_tipo, v_left, v_skip;
        RETURN;
    END IF;
    IF v_query IS NOT NULL THEN
        v_total := (
            SELECT CASE WHEN found.reltuples > 0 THEN found.reltuples ELSE 'infinity' END
            FROM pg_class AS found
            WHERE found.oid = 'public.catalogo_summary_newest_idx'::regclass
        );
        -- Alternatives and prefixes are guessed far too high, so one stem a word is asked about as well. Where these are
        -- rare and the planner still expects much, the last word may be the beginning of a common one: the index tells.
        v_queries := ARRAY[plainto_tsquery('mundo_pt_unaccented', v_name), v_query];
        v_guesses := catalogo_search_estimate(v_queries, p_tipo, FALSE);
        v_few := sqrt((v_skip + v_left) * v_total);
        v_guess := CASE WHEN v_guesses[1] > v_few THEN 1 WHEN v_guesses[2] > v_few THEN 2 END;
        IF v_guess = 2 THEN
            EXECUTE 'SELECT count(*) FROM (SELECT' || v_active || ' AND held.search_vector_pt @@ $1 LIMIT $4) AS held'
            INTO v_rows
            USING v_query, v_name, p_tipo, ceil(v_few)::bigint + 1;
            v_guess := CASE WHEN v_rows > v_few THEN 2 END;
        END IF;
        IF v_guess IS NULL THEN
            RETURN QUERY
            SELECT held.catalogo_id, held.nome, held.descricao, held.tipo, held.status, held.criado_em,
                held.atualizado_em, held.class::real, held.geom_count,
                round(100.0 * held.valid_count / nullif(held.geom_count, 0), 2)
            FROM (
                SELECT
                    found.*,
                    CASE
                        WHEN NOT found.nome_vector @@ v_query THEN 0.1
                        WHEN found.nome_busca = v_name THEN 1
                        ELSE 0.5
                    END AS class
                FROM catalogo_summary AS found
                WHERE found.is_active AND found.search_vector_pt @@ v_query
                    AND (p_tipo IS NULL OR found.tipo = p_tipo)
                    AND (p_only_geometric IS NOT TRUE OR found.geom_count > 0)
                OFFSET 0
            ) AS held
            ORDER BY held.class DESC, held.criado_em DESC, held.catalogo_id DESC
            LIMIT v_left OFFSET v_skip;
            IF FOUND THEN
                RETURN;
            ELSIF v_skip > 0 THEN
                v_any := EXISTS (
                    SELECT FROM catalogo_summary AS found
                    WHERE found.is_active AND found.search_vector_pt @@ v_query
                        AND (p_tipo IS NULL OR found.tipo = p_tipo)
                        AND (p_only_geometric IS NOT TRUE OR found.geom_count > 0)
                );
            END IF;
        ELSE
            v_in_names := (catalogo_search_estimate(v_queries, p_tipo, TRUE))[v_guess];
            v_expected := ARRAY[0, v_in_names, greatest(v_guesses[v_guess] - v_in_names, 0)];
            FOR v_class IN 1..3 LOOP
                v_given := 0;
                v_walk := least(v_expected[v_class], c_max_walk);
                IF v_walk * v_expected[v_class] > (v_skip + v_left) * v_total THEN
                    RETURN QUERY EXECUTE format(c_columns, c_scores[v_class])
                        || ' FROM (SELECT held.*' || v_active || c_newest || ' LIMIT $6) AS held'
                        || ' WHERE ' || c_classes[v_class] || v_shape || c_newest || c_page
                    USING v_query, v_name, p_tipo, v_left, v_skip, v_walk;
                    GET DIAGNOSTICS v_given = ROW_COUNT;
                    v_left := v_left - v_given;
                END IF;
                IF v_left > 0 THEN
                    RETURN QUERY EXECUTE format(c_columns, c_scores[v_class])
                        || ' FROM (SELECT held.*' || v_active || v_shape || c_index[v_class] || ' OFFSET 0) AS held'
                        || ' WHERE ' || c_classes[v_class] || c_newest || c_page
                    USING v_query, v_name, p_tipo, v_left, v_skip + v_given;
                    GET DIAGNOSTICS v_rows = ROW_COUNT;
                    v_given := v_given + v_rows;
                    v_left := v_left - v_rows;
                END IF;
                IF v_left = 0 THEN
                    RETURN;
                END IF;
                -- The class is at its end. Where the page lies wholly behind it, its rows are part of what is skipped.
                IF v_given > 0 THEN
                    v_any := TRUE;
                    v_skip := 0;
                ELSIF v_skip > 0 THEN
                    EXECUTE 'SELECT count(*) FROM (SELECT held.*' || v_active || v_shape || c_index[v_class]
                        || ' OFFSET 0) AS held WHERE ' || c_classes[v_class]
                    INTO v_rows
                    USING v_query, v_name, p_tipo;
                    v_any := v_any OR v_rows > 0;
                    v_skip := v_skip - v_rows;
                END IF;
            END LOOP;
        END IF;
    END IF;
    -- Likeness takes over only where no page of the exact search has a row, or pages would mix both.
    IF v_any THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(c_columns, 'held.likeness')
        || ' FROM (SELECT held.*, word_similarity($2, held.nome_busca) AS likeness' || v_active || v_shape
        || ' AND $2 <% held.nome_busca OFFSET 0) AS held'
        || ' ORDER BY held.likeness DESC, held.criado_em DESC, held.catalogo_id DESC' || c_page
    USING v_query, v_like, p_tipo, v_left, v_skip;
END
$$;

COMMENT ON FUNCTION search_catalogo_indexed(text, text, boolean, integer, integer) IS
'Active catalogue entries that match what a person typed (any text is safe): those whose name is the query (relevance 1),
whose name has all its words (0.5), that have them anywhere (0.1), newest first in each, then highest id; entries with a
similar name where no word matches; all entries without a query. As current as catalogo_summary. p_tipo: exactly this
type; p_only_geometric: only entries with geometries; p_limit: 0 to 1000 (more counts as 1000); p_offset: rows to skip';
