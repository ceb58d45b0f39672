-- Row security shows pg_cron's tables by current_user, which within a view is whoever asks: only a function of the owner
-- sees the owner's jobs for everybody. Beginnings are looked up by (jobid, runid): the image has an index for it.
CREATE FUNCTION cron_jobs(p_at timestamptz DEFAULT now())
RETURNS TABLE (
    job_name text,
    active boolean,
    schedule text,
    longest_gap interval,
    scheduled_at timestamptz,
    last_run_at timestamptz,
    running boolean,
    last_success_at timestamptz,
    last_status text,
    last_message text,
    last_duration_ms double precision,
    missed boolean
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
    -- A restored copy beside the real database has no pg_cron, which serves one database only.
    IF to_regclass('cron.job') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH jobs AS (
        SELECT
            job.jobid,
            coalesce(job.jobname, job.jobid::text) AS name,
            job.active,
            job.schedule,
            -- Never shorter than what the schedule leaves between two runs.
            CASE
                WHEN job.schedule LIKE '%second%' THEN make_interval(secs => split_part(job.schedule, ' ', 1)::integer)
                WHEN fields.part[4] <> '*' THEN interval '366 days'
                WHEN fields.part[3] <> '*' AND fields.part[5] = '*' THEN interval '31 days'
                WHEN fields.part[5] <> '*' THEN interval '7 days'
                WHEN fields.part[2] <> '*' THEN interval '1 day'
                WHEN fields.part[1] = '*' THEN interval '1 minute'
                ELSE interval '1 hour'
            END AS gap
        FROM cron.job AS job
        CROSS JOIN LATERAL (SELECT regexp_split_to_array(trim(job.schedule), '\s+') AS part) AS fields
    )

    SELECT
        jobs.name,
        jobs.active,
        jobs.schedule,
        jobs.gap,
        noted.scheduled_at,
        latest.start_time,
        coalesce(latest.status NOT IN ('succeeded', 'failed'), false),
        success.start_time,
        finished.status,
        finished.return_message,
        extract(EPOCH FROM finished.end_time - finished.start_time)::double precision * 1000,
        -- What was missed while the server was off is not missed now, and two minutes are nobody's business.
        jobs.active
        AND coalesce(latest.status, 'none') NOT IN ('starting', 'running', 'connecting', 'sending')
        AND p_at - greatest(latest.start_time, noted.scheduled_at, pg_postmaster_start_time())
        > jobs.gap + interval '2 minutes'
    FROM jobs
    LEFT JOIN cron_job_scheduled AS noted ON noted.job_name = jobs.name
    LEFT JOIN LATERAL (
        SELECT run.status, coalesce(run.start_time, run.end_time) AS start_time
        FROM cron.job_run_details AS run
        WHERE run.jobid = jobs.jobid
        ORDER BY run.runid DESC
        LIMIT 1
    ) AS latest ON true
    LEFT JOIN LATERAL (
        SELECT run.status, run.return_message, run.start_time, run.end_time
        FROM cron.job_run_details AS run
        WHERE run.jobid = jobs.jobid AND run.status IN ('succeeded', 'failed')
        ORDER BY run.runid DESC
        LIMIT 1
    ) AS finished ON true
    LEFT JOIN LATERAL (
        SELECT run.start_time
        FROM cron.job_run_details AS run
        WHERE run.jobid = jobs.jobid AND run.status = 'succeeded'
        ORDER BY run.runid DESC
        LIMIT 1
    ) AS success ON true
    ORDER BY jobs.name;
END
$$;

COMMENT ON FUNCTION cron_jobs(timestamptz) IS
'The owner''s pg_cron jobs and how they fare, judged at p_at, for everybody who may know; read it through v_cron_jobs';

GRANT EXECUTE ON FUNCTION cron_jobs(timestamptz) TO mundo_app, mundo_reader, mundo_exporter;
