-- Built word by word from letters and digits only: nothing a person types is an operator.
-- The stemmer knows neither galpões as the plural of galpão nor plantacao as plantação, so a word with one of these
-- endings is looked for as both, with their accents.
-- Each form stands in the query once: the planner takes alternatives for independent and would think a word far more
-- common than it is. The last word stays beside its prefix, of which the planner may know nothing.
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
    v_stems tsvector;
    v_whole tsvector;
    v_prefix text;
    v_forms text;
    v_query text;
BEGIN
    FOR v_at IN 1..v_last LOOP
        v_word := left(v_words[v_at], c_max_letters);
        v_stems := to_tsvector('mundo_pt', v_word);
        -- A word that says nothing (de, da) counts only when there is no other.
        CONTINUE WHEN v_stems = '' AND (v_at < v_last OR v_query IS NOT NULL);
        v_whole := to_tsvector('mundo_words', v_word);
        v_stems := v_stems || to_tsvector('mundo_pt_unaccented', v_word) || v_whole;
        IF v_word ~ '(ao|ão|oes|ões)$' THEN
            v_root := regexp_replace(regexp_replace(v_word, '(ao|ão|oes|ões)$', ''), 'c$', 'ç');
            v_stems := v_stems || to_tsvector('mundo_pt', v_root || 'ão') || to_tsvector('mundo_pt', v_root || 'ões');
        END IF;
        v_prefix := CASE WHEN v_at = v_last THEN (tsvector_to_array(v_whole))[1] END;
        v_forms := (
            SELECT string_agg('''' || replace(replace(form, '\', '\\'), '''', '''''') || '''', ' | ')
            FROM unnest(tsvector_to_array(v_stems)) AS form
        );
        IF v_prefix IS NOT NULL THEN
            v_forms := concat_ws(
                ' | ', v_forms, '''' || replace(replace(v_prefix, '\', '\\'), '''', '''''') || ''':*'
            );
        END IF;
        v_query := concat_ws(' & ', v_query, '(' || v_forms || ')');
    END LOOP;
    RETURN nullif(v_query, '')::tsquery;
END
$$;

COMMENT ON FUNCTION catalogo_search_query(text) IS
'Query for what a person typed: all words (the first 24 of the first 2,000 characters), each by stem or as written,
accents ignored, the last also as a prefix. NULL when there is no word in it; never an error';
