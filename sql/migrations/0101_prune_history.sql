-- What a status depends on stays whatever its age: the last run, the last finished run and the last success of each job,
-- and the last run and the last success of each view and of partition maintenance. The outbox of bounds has an age of its
-- own: a cache that was away may still hold entries of up to 7 days (the longest time to live that can be set), and has to
-- find every change since. Its newest row stays, so that a follower can tell nothing new from an outbox made anew.
CREATE OR REPLACE FUNCTION prune_history(p_days integer)
RETURNS TABLE (log_name text, rows_removed bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    c_batch CONSTANT integer := 10000;
    c_batches CONSTANT integer := 200;
    v_before timestamptz := now() - make_interval(days => p_days);
    v_statement text;
    v_rows bigint;
BEGIN
    IF p_days IS NULL OR p_days NOT BETWEEN 1 AND 3650 THEN
        RAISE EXCEPTION 'p_days is %, allowed is 1 to 3650', coalesce(p_days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR log_name, v_statement IN
        SELECT logs.name, logs.statement
        FROM (VALUES
            -- A job that runs every second says nothing new with each success.
            ('cron.job_run_details', $sql$
                DELETE FROM cron.job_run_details WHERE runid IN (
                    SELECT run.runid
                    FROM cron.job_run_details AS run
                    LEFT JOIN cron.job AS job ON job.jobid = run.jobid
                    WHERE run.status IN ('succeeded', 'failed') AND (
                        run.end_time < $1
                        OR (run.status = 'succeeded' AND run.end_time < now() - interval '1 hour'
                            AND job.schedule LIKE '%second%')
                    ) AND run.runid NOT IN (
                        SELECT max(kept.runid) FROM cron.job_run_details AS kept GROUP BY kept.jobid
                        UNION ALL
                        SELECT max(kept.runid) FROM cron.job_run_details AS kept
                        WHERE kept.status IN ('succeeded', 'failed')
                        GROUP BY kept.jobid, kept.status
                    )
                    LIMIT $2
                )
            $sql$),
            ('mv_refresh_log', $sql$
                DELETE FROM public.mv_refresh_log WHERE id IN (
                    SELECT run.id FROM public.mv_refresh_log AS run
                    WHERE run.started_at < $1 AND run.id NOT IN (
                        SELECT max(kept.id) FROM public.mv_refresh_log AS kept GROUP BY kept.view_name
                        UNION ALL
                        SELECT max(kept.id) FROM public.mv_refresh_log AS kept
                        WHERE kept.outcome = 'success' GROUP BY kept.view_name
                    )
                    LIMIT $2
                )
            $sql$),
            ('partition_maintenance_log', $sql$
                DELETE FROM public.partition_maintenance_log WHERE id IN (
                    SELECT run.id FROM public.partition_maintenance_log AS run
                    WHERE run.started_at < $1 AND run.id NOT IN (
                        SELECT max(kept.id) FROM public.partition_maintenance_log AS kept GROUP BY kept.action
                        UNION ALL
                        SELECT max(kept.id) FROM public.partition_maintenance_log AS kept
                        WHERE kept.outcome = 'success' GROUP BY kept.action
                    )
                    LIMIT $2
                )
            $sql$),
            ('summary_reconciliation_log', $sql$
                DELETE FROM public.summary_reconciliation_log WHERE id IN (
                    SELECT run.id FROM public.summary_reconciliation_log AS run
                    WHERE run.started_at < $1
                        AND run.id <> (SELECT max(kept.id) FROM public.summary_reconciliation_log AS kept)
                    LIMIT $2
                )
            $sql$),
            ('catalogo_bounds_changes', $sql$
                DELETE FROM public.catalogo_bounds_changes WHERE seq IN (
                    SELECT change.seq FROM public.catalogo_bounds_changes AS change
                    WHERE change.changed_at < now() - interval '8 days'
                        AND change.seq < (SELECT max(kept.seq) FROM public.catalogo_bounds_changes AS kept)
                    LIMIT $2
                )
            $sql$),
            -- What became of an upload is of use for as long as somebody may ask; where the data are from, importacoes keeps.
            ('importacao_tarefas', $sql$
                DELETE FROM public.importacao_tarefas WHERE id IN (
                    SELECT task.id FROM public.importacao_tarefas AS task
                    WHERE task.concluida_em < $1
                        AND task.id <> (SELECT max(kept.id) FROM public.importacao_tarefas AS kept)
                    LIMIT $2
                )
            $sql$)
        ) AS logs (name, statement)
        WHERE to_regclass(logs.name) IS NOT NULL
    LOOP
        rows_removed := 0;
        FOR v_batch IN 1..c_batches LOOP
            EXECUTE v_statement USING v_before, c_batch;
            GET DIAGNOSTICS v_rows = ROW_COUNT;
            rows_removed := rows_removed + v_rows;
            EXIT WHEN v_rows < c_batch;
        END LOOP;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION prune_history(integer) IS
'Removes what is older than p_days (1 to 3650) from the logs of jobs, refreshes, partitions and reconciliations and from
the ended jobs of uploads, after an hour the successes of jobs that run every few seconds, and after 8 days, whatever p_days, what caches of bounds were told;
at most 2 million rows of each in one run. The last run and the last success of everything stay. Gives the rows removed
from each log; run daily by pg_cron';
