CREATE OR REPLACE FUNCTION catalogo_search_query(p_query text)
RETURNS tsquery
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp
SET client_min_messages = 'warning'
AS $$
DECLARE
    c_max_words CONSTANT integer := 24;
    c_max_letters CONSTANT integer := 100;
    v_words text[] := string_to_array(catalogo_search_text(left(p_query, 2000)), ' ');
    v_last integer := least(cardinality(v_words), c_max_words);
    v_word text;
    v_root text;
    v_stems tsquery;
    v_query tsquery;
BEGIN
    FOR v_at IN 1..v_last LOOP
        v_word := left(v_words[v_at], c_max_letters);
        v_stems := plainto_tsquery('mundo_pt', v_word);
        -- A word that says nothing (de, da) counts only when there is no other.
        CONTINUE WHEN numnode(v_stems) = 0 AND (v_at < v_last OR v_query IS NOT NULL);
        v_stems := v_stems
            || plainto_tsquery('mundo_pt_unaccented', v_word)
            || plainto_tsquery('mundo_words', v_word);
        IF v_word ~ '(ao|ão|oes|ões)$' THEN
            v_root := regexp_replace(regexp_replace(v_word, '(ao|ão|oes|ões)$', ''), 'c$', 'ç');
            v_stems := v_stems || plainto_tsquery('mundo_pt', v_root || 'ão') || plainto_tsquery('mundo_pt', v_root || 'ões');
        END IF;
        IF v_at = v_last THEN
            v_stems := v_stems || to_tsquery('mundo_words', '''' || v_word || ''':*');
        END IF;
        v_query := CASE WHEN v_query IS NULL THEN v_stems ELSE v_query && v_stems END;
    END LOOP;
    RETURN v_query;
END
$$;

COMMENT ON FUNCTION catalogo_search_query(text) IS
'Query for what a person typed: all words (the first 24 of the first 2,000 characters), each by stem or as written,
accents ignored, the last also as a prefix. NULL when there is no word in it; never an error';
