DROP FUNCTION cron_jobs(timestamptz);
