-- Only a superuser may set a parameter that its session does not know yet, so pg_trgm is loaded first.
DO 'BEGIN PERFORM show_trgm(''x''); END';

-- Sentences are made word by word and only the best are kept on the way, so the work is bounded by the constants whatever
-- was typed. A word of descriptions and types alone is known as well: the index tells, but for one that the statistics
-- show to be common, whose entries need not be read.
CREATE OR REPLACE FUNCTION catalogo_search_corrections(p_query text)
RETURNS TABLE (likeness real, query tsquery, sentence text)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.4 -- noqa: PRS
SET pg_trgm.similarity_threshold = 0.3 -- noqa: PRS
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    c_max_words CONSTANT integer := 8;
    c_max_letters CONSTANT integer := 60;
    c_common CONSTANT double precision := 0.01;
    c_few CONSTANT double precision := 1000;
    c_closest CONSTANT integer := 5;
    c_sentences CONSTANT integer := 8;
    c_least CONSTANT real := 0.3;
    c_step CONSTANT numeric := 0.01;
    v_words text[] := string_to_array(unaccent(catalogo_search_text(left(p_query, 2000))), ' ');
    v_last integer := least(cardinality(v_words), 24);
    v_asked integer := 0;
    v_word text;
    v_known boolean;
    v_in_names boolean;
    v_close text[];
    v_likeness real[];
    v_nearness real[];
    v_sentences text[] := '{""}';
    v_sums real[] := '{0}';
    v_ties real[] := '{0}';
    v_either tsquery[] := '{}';
    v_best real[] := '{}';
    v_found integer;
    v_total real;
    v_level numeric;
    v_before numeric := 1;
    v_seen tsquery := catalogo_search_query(p_query);
    v_query tsquery;
    v_rest tsquery;
BEGIN
    FOR v_at IN 1..v_last LOOP
        v_word := v_words[v_at];
        CONTINUE WHEN v_word = '';
        IF to_tsvector('mundo_pt_unaccented', v_word) = '' THEN
            -- A word that says nothing stays, for names that are just what was typed.
            v_sentences := (
                SELECT array_agg(ltrim(held.sentence || ' ' || v_word) ORDER BY held.place)
                FROM unnest(v_sentences) WITH ORDINALITY AS held (sentence, place)
            );
            CONTINUE;
        END IF;
        EXIT WHEN v_asked = c_max_words;
        v_asked := v_asked + 1;
        CONTINUE WHEN length(v_word) > c_max_letters;
        v_in_names := EXISTS (
            SELECT FROM catalogo_palavras AS known
            WHERE known.palavra = v_word COLLATE "C"
                OR (v_at = v_last AND known.palavra >= v_word COLLATE "C" AND known.palavra < (v_word || U&'\FFFF') COLLATE "C")
        );
        v_known := v_in_names;
        IF NOT v_known THEN
            v_query := plainto_tsquery('mundo_pt_unaccented', v_word);
            v_known := (catalogo_search_estimate(ARRAY[v_query, v_query], NULL, FALSE))[1] > (
                SELECT greatest(c_common * found.reltuples, c_few) FROM pg_class AS found
                WHERE found.oid = 'public.catalogo_summary_newest_idx'::regclass
            );
            IF NOT v_known THEN
                SELECT count(*) > 0 INTO v_known
                FROM (
                    SELECT FROM catalogo_summary AS held
                    WHERE held.is_active AND held.search_vector_pt @@ v_query
                    OFFSET 0
                ) AS held;
            END IF;
        END IF;
        SELECT
            array_agg(near.word ORDER BY near.place), array_agg(near.likeness ORDER BY near.place),
            array_agg(near.nearness ORDER BY near.place)
        INTO v_close, v_likeness, v_nearness
        FROM (
            SELECT
                found.*,
                row_number() OVER (ORDER BY found.likeness DESC, found.nearness DESC, found.word) AS place
            FROM (
                SELECT
                    v_word AS word,
                    1::real AS likeness,
                    2::real AS nearness
                WHERE v_known
                UNION ALL
                SELECT
                    known.palavra,
                    word_similarity(v_word, known.palavra),
                    similarity(v_word, known.palavra)
                FROM catalogo_palavras AS known
                WHERE (v_word <% known.palavra OR known.palavra % v_word) AND known.palavra <> v_word
            ) AS found
            ORDER BY 2 DESC, 3 DESC, 1
            LIMIT c_closest
        ) AS near;
        CONTINUE WHEN v_close IS NULL;
        IF v_in_names OR NOT v_known THEN
            v_best := v_best || v_likeness[1];
            v_query := catalogo_search_query(v_close[1]);
            FOR v_place IN 2..cardinality(v_close) LOOP
                v_query := v_query || catalogo_search_query(v_close[v_place]);
            END LOOP;
            v_either := v_either || v_query;
        END IF;
        SELECT
            array_agg(made.sentence ORDER BY made.place), array_agg(made.sums ORDER BY made.place),
            array_agg(made.ties ORDER BY made.place)
        INTO v_sentences, v_sums, v_ties
        FROM (
            SELECT
                ltrim(held.sentence || ' ' || near.word) AS sentence,
                held.sums + near.likeness AS sums,
                held.ties + near.nearness AS ties,
                row_number() OVER (
                    ORDER BY held.sums + near.likeness DESC, held.ties + near.nearness DESC, held.sentence, near.word
                ) AS place
            FROM unnest(v_sentences, v_sums, v_ties) AS held (sentence, sums, ties)
            CROSS JOIN unnest(v_close, v_likeness, v_nearness) AS near (word, likeness, nearness)
            ORDER BY 4
            LIMIT c_sentences
        ) AS made;
    END LOOP;
    IF v_asked = 0 THEN
        RETURN;
    END IF;
    FOR v_place IN 1..cardinality(v_sentences) LOOP
        EXIT WHEN v_sums[v_place] / v_asked < c_least;
        v_query := catalogo_search_query(v_sentences[v_place]);
        CONTINUE WHEN v_query IS NULL OR v_query = v_seen;
        -- A whole word is no beginning: asked for as one too, a common word costs the index its whole list.
        IF EXISTS (
            SELECT FROM catalogo_palavras AS known
            WHERE known.palavra = regexp_replace(v_sentences[v_place], '^.* ', '') COLLATE "C"
        ) THEN
            v_query := regexp_replace(v_query::text, ' \| ''[^'']*'':\*', '', 'g')::tsquery;
        END IF;
        v_level := least(round((v_sums[v_place] / v_asked)::numeric, 2), v_before - c_step);
        v_before := v_level;
        likeness := v_level;
        query := v_query;
        sentence := v_sentences[v_place];
        RETURN NEXT;
    END LOOP;
    -- The words of names only, then all but one of them, then any.
    v_found := cardinality(v_either);
    v_total := (SELECT sum(best.likeness) FROM unnest(v_best) AS best (likeness));
    FOR v_kept IN REVERSE least(v_found, v_asked - 1)..1 LOOP
        CONTINUE WHEN v_kept > 1 AND v_kept < v_found - 1;
        v_level := least(round((v_total / v_found * v_kept / v_asked)::numeric, 2), v_before - c_step);
        EXIT WHEN v_level < c_least;
        v_query := v_either[1];
        FOR v_place IN 2..v_found LOOP
            v_query := CASE WHEN v_kept = v_found THEN v_query && v_either[v_place] ELSE v_query || v_either[v_place] END;
        END LOOP;
        IF v_kept > 1 AND v_kept < v_found THEN
            v_query := NULL;
            FOR v_without IN 1..v_found LOOP
                v_rest := NULL;
                FOR v_place IN 1..v_found LOOP
                    CONTINUE WHEN v_place = v_without;
                    v_rest := CASE WHEN v_rest IS NULL THEN v_either[v_place] ELSE v_rest && v_either[v_place] END;
                END LOOP;
                v_query := CASE WHEN v_query IS NULL THEN v_rest ELSE v_query || v_rest END;
            END LOOP;
        END IF;
        v_before := v_level;
        likeness := v_level;
        query := v_query;
        sentence := NULL;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION catalogo_search_corrections(text) IS
'What somebody may have meant who typed this and found nothing: queries in order of likeness (0.3 to 0.99, each less than
the one before, by trigrams of each word), with the words as they are in names; at last, without words, those that
leave out what is in no name, one word, all words but one. Looks at the first 8 words of up to 60 letters; no row where no word is like a known one';
