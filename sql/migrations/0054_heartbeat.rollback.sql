DROP VIEW v_cron_heartbeat;

DROP FUNCTION heartbeat();
