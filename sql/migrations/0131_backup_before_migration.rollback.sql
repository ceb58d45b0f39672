UPDATE backup_log SET kind = 'incr'
WHERE kind = 'migration';

ALTER TABLE backup_log DROP CONSTRAINT backup_log_kind_check;

ALTER TABLE backup_log ADD CONSTRAINT backup_log_kind_check CHECK (kind IN ('full', 'incr', 'drill'));

COMMENT ON COLUMN backup_log.kind IS
'full; incr: what has changed since the last backup; drill: the newest backup restored and compared';

COMMENT ON FUNCTION request_backup(text) IS
'Asks the backup service for a backup (full, incr) or a restore drill (drill); gives the number of the request';
