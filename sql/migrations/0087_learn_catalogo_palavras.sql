CREATE FUNCTION learn_catalogo_palavras(p_names text[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_new bigint;
BEGIN
    WITH named AS MATERIALIZED (
        SELECT DISTINCT word.word COLLATE "C" AS word
        FROM unnest(p_names) AS named (name)
        CROSS JOIN LATERAL string_to_table(named.name, ' ') AS word (word)
    )

    INSERT INTO catalogo_palavras (palavra)
    SELECT named.word
    FROM named
    WHERE named.word ~ '^[^0-9 ]{3,40}$'
        AND NOT EXISTS (SELECT FROM catalogo_palavras AS known WHERE known.palavra = named.word)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_new = ROW_COUNT;
    RETURN v_new;
END
$$;

COMMENT ON FUNCTION learn_catalogo_palavras(text[]) IS
'Adds the words of these names (as in catalogo_summary.nome_busca) that catalogo_palavras has not, and gives how many';
