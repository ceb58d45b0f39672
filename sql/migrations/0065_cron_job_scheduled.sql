-- pg_cron does not say since when a job is there, so nothing else could tell a job that never ran from one that is new.
CREATE TABLE cron_job_scheduled (
    job_name text PRIMARY KEY,
    scheduled_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE cron_job_scheduled IS 'Since when each standing job has its schedule; written by whoever schedules it';

COMMENT ON COLUMN cron_job_scheduled.job_name IS 'Name of the pg_cron job';

COMMENT ON COLUMN cron_job_scheduled.scheduled_at IS 'When it was scheduled or last altered';
