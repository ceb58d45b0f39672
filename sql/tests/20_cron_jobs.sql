-- How each job fares: one that never ran, one that runs, one that fails, one that was missed.
BEGIN;

SELECT plan(30);

SELECT lives_ok(
    $$SELECT cron.schedule('tap-' || name, schedule, 'SELECT 1')
      FROM (VALUES
          ('second', '5 seconds'), ('minute', '* * * * *'), ('hour', '*/5 * * * *'), ('day', '15 3 * * *'),
          ('week', '0 0 * * 1'), ('month', '0 0 1 * *'), ('year', '0 0 1 1 *')
      ) AS wanted (name, schedule)$$,
    'jobs are scheduled'
);

SELECT results_eq(
    $$SELECT job_name, longest_gap FROM v_cron_jobs WHERE job_name LIKE 'tap-%' ORDER BY longest_gap$$,
    $$VALUES
        ('tap-second', interval '5 seconds'), ('tap-minute', interval '1 minute'), ('tap-hour', interval '1 hour'),
        ('tap-day', interval '1 day'), ('tap-week', interval '7 days'), ('tap-month', interval '31 days'),
        ('tap-year', interval '366 days')$$,
    'the longest time between two runs'
);

SELECT is(count(*), 7::bigint, 'a job that never ran is shown') FROM v_cron_jobs
WHERE job_name LIKE 'tap-%' AND last_run_at IS NULL AND last_success_at IS NULL AND last_status IS NULL AND NOT running;

SELECT
    results_eq(
        format(
            $$SELECT job_name FROM cron_jobs(pg_postmaster_start_time() + interval '%s') WHERE job_name LIKE 'tap-%%' AND missed
          ORDER BY longest_gap$$, after
        ),
        format('SELECT unnest(%L::text[])', missed),
        'what is missed ' || after || ' after the start of the server'
    )
FROM (
    VALUES
    ('2 minutes', '{}'), ('2 minutes 10 seconds', '{tap-second}'), ('4 minutes', '{tap-second,tap-minute}'),
    ('63 minutes', '{tap-second,tap-minute,tap-hour}'), ('1 day', '{tap-second,tap-minute,tap-hour}'),
    ('1 day 3 minutes', '{tap-second,tap-minute,tap-hour,tap-day}'),
    ('8 days', '{tap-second,tap-minute,tap-hour,tap-day,tap-week}'),
    ('400 days', '{tap-second,tap-minute,tap-hour,tap-day,tap-week,tap-month,tap-year}')
) AS moments (after, missed);

INSERT INTO cron_job_scheduled (job_name, scheduled_at) VALUES
('tap-day', now() - interval '3 days'), ('tap-minute', now());

SELECT is(scheduled_at, now(), 'since when it is scheduled is said') FROM v_cron_jobs
WHERE job_name = 'tap-minute';

SELECT results_eq(
    $$SELECT job_name, missed FROM cron_jobs(now() + interval '150 seconds') WHERE job_name = 'tap-minute'$$,
    $$VALUES ('tap-minute', false)$$,
    'a job that has just been scheduled is not missed'
);

SELECT is(active, TRUE, 'it is active') FROM v_cron_jobs
WHERE job_name = 'tap-minute';

SELECT cron.alter_job(jobid, active := FALSE) FROM cron.job
WHERE jobname = 'tap-minute';

SELECT results_eq(
    $$SELECT active, missed FROM cron_jobs(now() + interval '1 day') WHERE job_name = 'tap-minute'$$,
    'VALUES (false, false)', 'one that is paused says so, and is not missed'
);

SELECT throws_ok('SELECT prune_history(0)', '22023', 'p_days is 0, allowed is 1 to 3650', 'days below 1 are refused');
SELECT throws_ok('SELECT prune_history(3651)', '22023', 'p_days is 3651, allowed is 1 to 3650', 'and above 3650');
SELECT throws_ok('SELECT prune_history(NULL)', '22023', 'p_days is NULL, allowed is 1 to 3650', 'and none');

SELECT is(security_type, 'DEFINER', 'the jobs are seen with the owner''s rights')
FROM information_schema.routines
WHERE routine_name = 'cron_jobs';

SELECT function_privs_are('public', 'cron_jobs', ARRAY['timestamp with time zone'], 'mundo_app', ARRAY['EXECUTE']);
SELECT function_privs_are('public', 'cron_jobs', ARRAY['timestamp with time zone'], 'mundo_reader', ARRAY['EXECUTE']);
SELECT function_privs_are('public', 'cron_jobs', ARRAY['timestamp with time zone'], 'mundo_exporter', ARRAY['EXECUTE']);
SELECT table_privs_are('public', 'v_cron_jobs', 'mundo_app', ARRAY['SELECT']);
SELECT table_privs_are('public', 'v_cron_jobs', 'mundo_exporter', ARRAY['SELECT']);
SELECT table_privs_are('public', 'v_cron_jobs', 'mundo_reader', ARRAY['SELECT']);
SELECT function_privs_are('public', 'prune_history', ARRAY['integer'], 'mundo_app', ARRAY[]::text[]);
SELECT function_privs_are('public', 'analyze_partitions', ARRAY[]::text[], 'mundo_app', ARRAY[]::text[]);

SET LOCAL ROLE mundo_exporter;
SELECT is(count(*), 7::bigint, 'the exporter sees the owner''s jobs') FROM v_cron_jobs
WHERE job_name LIKE 'tap-%';
SELECT throws_ok('SELECT FROM cron.job', '42501', NULL, 'which it may not read at their source');
RESET ROLE;

CREATE SCHEMA hostile;
CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT ''infinity''::timestamptz';
SET LOCAL search_path = hostile, public, tap;
SELECT is(public.analyze_partitions() < 'infinity'::timestamptz, TRUE, 'a search path of others changes nothing');

SELECT finish();

ROLLBACK;
