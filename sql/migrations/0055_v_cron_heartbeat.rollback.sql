DROP VIEW v_cron_heartbeat;
