DROP FUNCTION check_mv_refresh_health(interval);
