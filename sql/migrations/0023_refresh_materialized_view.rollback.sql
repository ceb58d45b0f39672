DROP FUNCTION refresh_materialized_view(text);
