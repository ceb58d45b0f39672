-- Whole words without accents and without stemming: what a prefix is compared with.
CREATE TEXT SEARCH CONFIGURATION mundo_words (COPY = pg_catalog.simple);

ALTER TEXT SEARCH CONFIGURATION mundo_words
ALTER MAPPING FOR hword, hword_numpart, hword_part, numhword, numword, word WITH unaccent, simple;

COMMENT ON TEXT SEARCH CONFIGURATION mundo_words IS 'Whole words without accents, not stemmed; for prefixes';
