DROP TABLE mv_refresh_log;
