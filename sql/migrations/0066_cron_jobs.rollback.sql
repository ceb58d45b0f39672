DROP FUNCTION cron_jobs();
