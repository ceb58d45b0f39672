-- What must be there before anything else, and who may do what by default.
-- Logins and extensions come from the image; children of partitioned tables get no rights but reading.
DO $$
DECLARE
    v_missing text;
BEGIN
    SELECT string_agg(wanted.name, ', ' ORDER BY wanted.name)
    INTO v_missing
    FROM unnest(ARRAY['btree_gin', 'pg_trgm', 'postgis', 'unaccent']) AS wanted (name)
    WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = wanted.name);
    IF v_missing IS NOT NULL THEN
        RAISE EXCEPTION 'these extensions are missing in database %: %', current_database(), v_missing;
    END IF;
END
$$;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM public;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO mundo_reader;

GRANT USAGE ON SCHEMA public TO mundo_app, mundo_reader, mundo_exporter;
