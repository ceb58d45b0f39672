-- No row of the log is lost; what it said is kept in its message.
UPDATE partition_maintenance_log
SET
    action = CASE action WHEN 'drain' THEN 'create' ELSE 'maintain' END,
    message = concat_ws(': ', action, message)
WHERE action NOT IN ('maintain', 'create');

ALTER TABLE partition_maintenance_log DROP CONSTRAINT partition_maintenance_log_action_check;

ALTER TABLE partition_maintenance_log ADD CONSTRAINT partition_maintenance_log_action_check
CHECK (action IN ('maintain', 'create')); -- noqa: RF04

COMMENT ON COLUMN partition_maintenance_log.action IS 'maintain: one run of the job; create: one partition made';
