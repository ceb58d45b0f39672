DROP FUNCTION cron_job_failures(interval);
