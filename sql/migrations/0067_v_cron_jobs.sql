CREATE VIEW v_cron_jobs AS
SELECT
    job_name,
    active,
    schedule,
    longest_gap,
    scheduled_at,
    last_run_at,
    running,
    last_success_at,
    last_status,
    last_message,
    last_duration_ms,
    missed
FROM cron_jobs();

COMMENT ON VIEW v_cron_jobs IS 'Every standing job and how it fares, one row a job, also one that never ran';

COMMENT ON COLUMN v_cron_jobs.job_name IS 'Name of the job';

COMMENT ON COLUMN v_cron_jobs.active IS 'Whether it runs at all';

COMMENT ON COLUMN v_cron_jobs.schedule IS 'Five cron fields (UTC), or N seconds';

COMMENT ON COLUMN v_cron_jobs.longest_gap IS 'Longest time between two runs that the schedule allows, rounded up';

COMMENT ON COLUMN v_cron_jobs.scheduled_at IS 'Since when it has this schedule; NULL for a job that was scheduled by hand';

COMMENT ON COLUMN v_cron_jobs.last_run_at IS 'Start of its last run, or NULL when it never ran';

COMMENT ON COLUMN v_cron_jobs.running IS 'Whether it is running now';

COMMENT ON COLUMN v_cron_jobs.last_success_at IS 'Start of its last run that succeeded, or NULL';

COMMENT ON COLUMN v_cron_jobs.last_status IS 'How its last finished run ended: succeeded or failed';

COMMENT ON COLUMN v_cron_jobs.last_message IS 'What that run returned, or its error';

COMMENT ON COLUMN v_cron_jobs.last_duration_ms IS 'How long that run took, milliseconds';

COMMENT ON COLUMN v_cron_jobs.missed IS
'Whether it should have run since its last run, or since it was scheduled, or since the server started, and did not';

GRANT SELECT ON v_cron_jobs TO mundo_app, mundo_exporter;
