CREATE FUNCTION refresh_all_materialized_views()
RETURNS SETOF mv_refresh_log
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN NEXT refresh_materialized_view('mv_catalogo_geometrias_stats');
    RETURN NEXT refresh_materialized_view('mv_catalogo_search_indexed');
END
$$;

COMMENT ON FUNCTION refresh_all_materialized_views() IS
'Refreshes both views, one failing never stopping the other, and gives their rows of mv_refresh_log';

GRANT EXECUTE ON FUNCTION refresh_all_materialized_views() TO mundo_app;
