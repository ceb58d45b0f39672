DROP VIEW v_mv_refresh_status;
