DROP VIEW v_cron_jobs;
