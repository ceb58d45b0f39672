-- Documents and queries go through the same function, so that the parser sees the same words in both: left to itself
-- it reads "talhão-12" as a word and a negative number, and "a/b" as a file name.
CREATE FUNCTION catalogo_search_text(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT btrim(regexp_replace(lower(normalize(p_text, NFC)), '[^[:alnum:]]+', ' ', 'g'))
$$;

COMMENT ON FUNCTION catalogo_search_text(text) IS
'Words of a text in lower case with single spaces between them: composed letters and digits only, accents kept';

GRANT EXECUTE ON FUNCTION catalogo_search_text(text) TO mundo_app, mundo_reader;
