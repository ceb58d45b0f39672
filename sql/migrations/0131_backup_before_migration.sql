-- A backup that a migration has asked for, told apart from those of people and of the schedule.
ALTER TABLE backup_log DROP CONSTRAINT backup_log_kind_check;

ALTER TABLE backup_log ADD CONSTRAINT backup_log_kind_check CHECK (kind IN ('full', 'incr', 'drill', 'migration'));

COMMENT ON COLUMN backup_log.kind IS
'full; incr: what has changed since the last backup; migration: the same, before a migration that rewrites data; '
'drill: the newest backup restored and compared';

COMMENT ON FUNCTION request_backup(text) IS
'Asks the backup service for a backup (full, incr, migration) or a restore drill (drill); gives the number of the request';
