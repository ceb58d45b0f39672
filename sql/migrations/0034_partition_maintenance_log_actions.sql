-- More happens to partitions than being made.
ALTER TABLE partition_maintenance_log DROP CONSTRAINT partition_maintenance_log_action_check;

ALTER TABLE partition_maintenance_log ADD CONSTRAINT partition_maintenance_log_action_check
CHECK (action IN ('maintain', 'create', 'drain', 'detach', 'reattach')); -- noqa: RF04

COMMENT ON COLUMN partition_maintenance_log.action IS
'maintain: one run of the job; create: one partition made; drain: one partition made for rows that lay in DEFAULT;
detach: one partition taken out into schema archive; reattach: one brought back';
