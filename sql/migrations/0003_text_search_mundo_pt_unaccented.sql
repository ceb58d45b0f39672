-- Portuguese stems of words without their accents. A word with its accents lost has another stem (vegetação gives
-- veget, vegetacao gives vegetaca), so documents and queries carry both.
CREATE TEXT SEARCH CONFIGURATION mundo_pt_unaccented (COPY = pg_catalog.portuguese);

ALTER TEXT SEARCH CONFIGURATION mundo_pt_unaccented
ALTER MAPPING FOR hword, hword_part, word WITH unaccent, portuguese_stem;

COMMENT ON TEXT SEARCH CONFIGURATION mundo_pt_unaccented IS 'Portuguese stems of words after their accents are removed';
