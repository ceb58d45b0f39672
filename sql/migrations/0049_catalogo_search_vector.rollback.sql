CREATE OR REPLACE FUNCTION catalogo_search_vector(p_nome text, p_tipo text, p_descricao text)
RETURNS tsvector
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH words AS (
        SELECT
            weight,
            catalogo_search_text(left(content, size)) AS content
        FROM (
            VALUES
                ('A'::"char", coalesce(p_nome, ''), 2000),
                ('B'::"char", coalesce(p_tipo, ''), 2000),
                ('C'::"char", coalesce(p_descricao, ''), 20000)
        ) AS fields (weight, content, size)
    ),

    vectors AS (
        SELECT
            weight,
            setweight(
                to_tsvector('mundo_pt', content)
                || to_tsvector('mundo_pt_unaccented', content)
                || to_tsvector('mundo_words', content),
                weight
            ) AS vector
        FROM words
    )

    SELECT a.vector || b.vector || c.vector
    FROM vectors AS a, vectors AS b, vectors AS c
    WHERE a.weight = 'A' AND b.weight = 'B' AND c.weight = 'C'
$$;
