-- Autovacuum analyzes the partitions, never their parent, whose statistics the planner needs for whatever crosses years.
CREATE FUNCTION analyze_partitions()
RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '5s'
AS $$
BEGIN
    ANALYZE public.catalogo_geometrias_particionada;
    RETURN clock_timestamp();
END
$$;

COMMENT ON FUNCTION analyze_partitions() IS
'Gathers the statistics of the partitioned table as a whole, and of each of its partitions, and gives the time of its end.
Run daily by pg_cron; readers and writers go on';
