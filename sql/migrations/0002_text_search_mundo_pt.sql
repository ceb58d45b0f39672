-- Portuguese stems of words as they are written.
CREATE TEXT SEARCH CONFIGURATION mundo_pt (COPY = pg_catalog.portuguese);

COMMENT ON TEXT SEARCH CONFIGURATION mundo_pt IS 'Portuguese stems of words as they are written, accents kept';
