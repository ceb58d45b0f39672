DROP TABLE cron_heartbeat;
