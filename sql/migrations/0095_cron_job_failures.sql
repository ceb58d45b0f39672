-- A function of the owner, as cron_jobs() is: row security shows pg_cron's tables by current_user.
CREATE FUNCTION cron_job_failures(p_since interval DEFAULT interval '24 hours')
RETURNS TABLE (job_name text, failures bigint)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- A restored copy beside the real database has no pg_cron, which serves one database only.
    IF to_regclass('cron.job') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT coalesce(job.jobname, job.jobid::text), count(run.runid)
    FROM cron.job AS job
    LEFT JOIN cron.job_run_details AS run
        ON job.jobid = run.jobid AND run.status = 'failed' AND run.end_time > now() - p_since
    GROUP BY job.jobid
    ORDER BY 1;
END
$$;

COMMENT ON FUNCTION cron_job_failures(interval) IS
'Every standing job of the owner with its failed runs that ended within p_since, for everybody who may know. Reads the
whole log of runs, so look at it once a minute at most';

GRANT EXECUTE ON FUNCTION cron_job_failures(interval) TO mundo_app, mundo_reader, mundo_exporter;
