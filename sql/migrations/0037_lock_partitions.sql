-- The order of locks matters. catalogo first, where every writer begins, and only against writers, so that the foreign-key
-- check of one that already holds the parent still passes; then the parent itself (ONLY: everybody goes through it), so
-- that no reader plans with the old set of partitions while rows change theirs. DEFAULT comes last, when nobody but the
-- server's own upkeep can hold it: waiting for that would stop everybody, so there is no waiting.
CREATE FUNCTION lock_partitions()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '100ms'
AS $$
DECLARE
    v_started timestamptz := clock_timestamp();
BEGIN
    LOCK TABLE catalogo IN SHARE ROW EXCLUSIVE MODE;
    -- A writer that waits for catalogo waits for both locks, so they share one limit.
    PERFORM set_config(
        'lock_timeout', greatest(1, 100 - extract(MILLISECONDS FROM clock_timestamp() - v_started)::integer) || 'ms', TRUE
    );
    LOCK TABLE ONLY catalogo_geometrias_particionada IN ACCESS EXCLUSIVE MODE;
    LOCK TABLE ONLY catalogo_geometrias_default IN ACCESS EXCLUSIVE MODE NOWAIT;
END
$$;

COMMENT ON FUNCTION lock_partitions() IS
'Locks that a change of partitions needs, until the transaction ends: gives up after 100 ms of waiting (lock_not_available)';
