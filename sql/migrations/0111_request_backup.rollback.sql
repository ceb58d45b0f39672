DROP FUNCTION request_backup(text);
