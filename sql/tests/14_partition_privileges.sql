-- Partitions are the owner's, and nobody's search_path or temporary table leads their functions astray.
BEGIN;

SELECT plan(14);

SELECT is_empty(
    $$
    SELECT functions.f, roles.r
    FROM unnest(ARRAY[
        'lock_partitions(boolean)', 'add_year_partition(integer)', 'swap_default_partition(integer)',
        'make_year_partitions(integer[], text, integer, bigint)', 'create_missing_year_partitions(integer, integer)',
        'maintain_partitions(integer)', 'drain_default_partition(integer, integer)',
        'detach_old_partitions(integer, boolean)', 'reattach_partition(integer)', 'year_partition(integer)'
    ]) AS functions (f)
    CROSS JOIN unnest(ARRAY['mundo_app', 'mundo_reader', 'mundo_exporter']) AS roles (r)
    WHERE has_function_privilege(roles.r, functions.f, 'EXECUTE')
    $$,
    'nobody but the owner changes partitions'
);
SELECT is_empty(
    $$
    SELECT inhrelid::regclass FROM pg_inherits
    WHERE inhparent = 'catalogo_geometrias_particionada'::regclass AND NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = inhrelid AND tgname = 'queue_truncated'
    )
    $$,
    'every partition tells when it is truncated'
);

INSERT INTO catalogo (id, nome, tipo) VALUES (900001, 'Talhão', 'Pastagem');
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT
    900001 AS entry,
    st_geomfromtext('MULTIPOINT((0 0))', 4326) AS geom,
    given.t::timestamptz AS created_at
FROM unnest(ARRAY['2010-01-01Z', '2050-01-01Z', '2050-01-02Z']) AS given (t);

CREATE SCHEMA evil;
CREATE TABLE evil.catalogo (LIKE public.catalogo);
CREATE TABLE evil.catalogo_geometrias_particionada (LIKE public.catalogo_geometrias_particionada);
CREATE TABLE evil.catalogo_geometrias_default (LIKE public.catalogo_geometrias_particionada);
CREATE TABLE evil.catalogo_change_queue (LIKE public.catalogo_change_queue);
CREATE TABLE evil.partition_maintenance_log (LIKE public.partition_maintenance_log);
CREATE FUNCTION evil.lock_partitions() RETURNS void LANGUAGE sql AS 'SELECT 1 / 0';
CREATE FUNCTION evil.lock_partitions(boolean) RETURNS void LANGUAGE sql AS 'SELECT 1 / 0';
CREATE FUNCTION evil.year_partition(integer) RETURNS regclass LANGUAGE sql AS 'SELECT ''catalogo''::regclass';
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT '1900-01-01'::timestamptz$$;
CREATE TEMPORARY TABLE catalogo_geometrias_default (LIKE public.catalogo_geometrias_particionada);
CREATE TEMPORARY TABLE catalogo_change_queue (LIKE public.catalogo_change_queue);
DELETE FROM public.catalogo_change_queue;

SET LOCAL search_path = evil, pg_temp, public, tap, pg_catalog;

SELECT is(
    (SELECT array_agg(made.partition_year || ' ' || made.action) FROM public.drain_default_partition() AS made),
    ARRAY['2010 created', '2050 created'],
    'the drain'
);
SELECT is((SELECT count(*) FROM public.catalogo_geometrias_default), 0::bigint, 'drains the real DEFAULT');
SELECT is(public.year_partition(2050), 'public.catalogo_geometrias_2050'::regclass, 'into real partitions');
SELECT is(
    (SELECT array_agg(taken.action) FROM public.detach_old_partitions(10, FALSE) AS taken),
    ARRAY['detached'],
    'retention'
);
SELECT is((SELECT count(*) FROM archive.catalogo_geometrias_2010), 1::bigint, 'reaches the real archive');
SELECT is((SELECT count(*) FROM public.catalogo_change_queue), 1::bigint, 'and the real queue');
SELECT is(public.reattach_partition(2010), 1::bigint, 'the way back');
SELECT is((SELECT count(*) FROM public.catalogo_geometrias_2010), 1::bigint, 'too');
SELECT is(
    (SELECT array_agg(made.action) FROM public.create_missing_year_partitions(2011, 2012) AS made),
    ARRAY['created', 'created'],
    'making years'
);
SELECT is((SELECT status.row_count FROM public.v_default_partition_status AS status), 0::bigint, 'the status of DEFAULT');
SELECT is(
    (SELECT count(*) FROM public.v_partition_status), 15::bigint, 'and of all partitions'
);
SELECT is(
    (SELECT count(*) FROM evil.partition_maintenance_log)
    + (SELECT count(*) FROM evil.catalogo_change_queue)
    + (SELECT count(*) FROM pg_temp.catalogo_change_queue),
    0::bigint,
    'nothing was written elsewhere'
);

SELECT finish();

ROLLBACK;
