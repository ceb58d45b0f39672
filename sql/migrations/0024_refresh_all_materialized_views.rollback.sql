DROP FUNCTION refresh_all_materialized_views();
