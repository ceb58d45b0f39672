-- A caller's search_path must not lead our functions to somebody else's objects.
BEGIN;

SELECT plan(5);

TRUNCATE catalogo CASCADE;

INSERT INTO catalogo (id, nome, tipo) VALUES (1, 'Talhão', 'Pastagem');

CREATE SCHEMA evil;
CREATE TABLE evil.catalogo (LIKE public.catalogo);
CREATE TABLE evil.mv_refresh_log (LIKE public.mv_refresh_log);
CREATE TABLE evil.partition_maintenance_log (LIKE public.partition_maintenance_log);
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT '1900-01-01'::timestamptz$$;
CREATE TEMPORARY TABLE mv_refresh_log (LIKE public.mv_refresh_log);

SET LOCAL search_path = evil, pg_catalog, public, tap;

SELECT is(
    (SELECT array_agg(run.outcome) FROM public.refresh_all_materialized_views() AS run),
    ARRAY['success', 'success'],
    'the views are refreshed'
);
SELECT is((SELECT count(*) FROM evil.mv_refresh_log), 0::bigint, 'and logged where they belong');
SELECT is((SELECT count(*) FROM pg_temp.mv_refresh_log), 0::bigint, 'not in a temporary table either');
SELECT is(
    (SELECT array_agg(hit.id) FROM public.search_catalogo_indexed('talhao') AS hit), ARRAY[1]::bigint[], 'search'
);
SELECT ok(
    (
        SELECT count(*) FROM public.maintain_partitions() AS made
        WHERE made.action = 'failed'
    ) = 0
    AND (SELECT count(*) FROM evil.partition_maintenance_log) = 0,
    'partitions'
);

SELECT finish();

ROLLBACK;
