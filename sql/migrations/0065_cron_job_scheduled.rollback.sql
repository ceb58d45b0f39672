DROP TABLE cron_job_scheduled;
