-- The order of locks matters. catalogo first, where every ingest begins, and only against writers, so that the foreign-key
-- check of one that already holds the parent still passes; then the parent itself (ONLY: everybody goes through it), so
-- that no reader plans with the old set of partitions while rows change theirs. DEFAULT comes last, when nobody holds it
-- but those who just let go of the parent, and the server's own upkeep: waiting for that would stop everybody, so there is
-- hardly any waiting.
-- A table with rows of its own brings its foreign key along when it is attached, and the server then drops the triggers
-- that it had on catalogo alone, which nobody may read meanwhile; asked for at last, since asked for at first it would
-- stop the foreign-key checks of those who hold the parent.
CREATE FUNCTION lock_partitions(p_exclusively boolean DEFAULT FALSE)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '100ms'
AS $$
DECLARE
    c_limit_ms CONSTANT integer := 100;
    c_default_ms CONSTANT integer := 20;
    v_until timestamptz := clock_timestamp() + make_interval(secs => c_limit_ms / 1000.0);
BEGIN
    LOCK TABLE catalogo IN SHARE ROW EXCLUSIVE MODE;
    -- Whoever waits for one of the locks may wait for all of them, so they share one limit.
    PERFORM set_config(
        'lock_timeout', greatest(1, ceil(1000 * extract(EPOCH FROM v_until - clock_timestamp())))::text || 'ms', TRUE
    );
    LOCK TABLE ONLY catalogo_geometrias_particionada IN ACCESS EXCLUSIVE MODE;
    IF p_exclusively THEN
        PERFORM set_config(
            'lock_timeout', greatest(1, ceil(1000 * extract(EPOCH FROM v_until - clock_timestamp())))::text || 'ms', TRUE
        );
        LOCK TABLE catalogo IN ACCESS EXCLUSIVE MODE;
    END IF;
    PERFORM set_config('lock_timeout', c_default_ms || 'ms', TRUE);
    LOCK TABLE ONLY catalogo_geometrias_default IN ACCESS EXCLUSIVE MODE;
END
$$;

COMMENT ON FUNCTION lock_partitions(boolean) IS
'Locks that a change of partitions needs, until the transaction ends; p_exclusively: to attach a table that has rows and a
foreign key of its own. Gives up after 100 ms of waiting, 20 ms more for DEFAULT (lock_not_available)';
