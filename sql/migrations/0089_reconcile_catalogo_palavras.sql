-- All names are read without a lock; only what looks wrong is looked at again under the fold's lock, by the index of names,
-- so that no fold waits for long.
CREATE FUNCTION reconcile_catalogo_palavras(p_limit integer DEFAULT 10000)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_unused text[];
    v_missing text[];
    v_wrong bigint;
    v_removed bigint;
BEGIN
    WITH used AS MATERIALIZED (
        SELECT DISTINCT word.word COLLATE "C" AS word
        FROM catalogo_summary AS held
        CROSS JOIN LATERAL string_to_table(held.nome_busca, ' ') AS word (word)
        WHERE held.is_active AND word.word ~ '^[^0-9 ]{3,40}$'
    )

    SELECT
        array_agg(coalesce(used.word, known.palavra)) FILTER (WHERE known.palavra IS NULL),
        (array_agg(known.palavra) FILTER (WHERE used.word IS NULL))[1:p_limit]
    INTO v_missing, v_unused
    FROM used
    FULL JOIN catalogo_palavras AS known ON used.word = known.palavra;
    PERFORM pg_advisory_xact_lock(hashtextextended('mundo.fold', 0));
    v_wrong := learn_catalogo_palavras(v_missing);
    DELETE FROM catalogo_palavras AS known
    WHERE known.palavra = ANY (v_unused)
        AND NOT EXISTS (
            SELECT FROM catalogo_summary AS held
            WHERE held.is_active AND held.nome_vector @@ plainto_tsquery('mundo_words', known.palavra)
        );
    GET DIAGNOSTICS v_removed = ROW_COUNT;
    RETURN v_wrong + v_removed;
END
$$;

COMMENT ON FUNCTION reconcile_catalogo_palavras(integer) IS
'Makes catalogo_palavras equal to the words of the names of active entries: adds what is missing, removes up to p_limit
words that no entry has, and gives how many words were wrong. Run nightly by reconcile_catalogo_summary()';
