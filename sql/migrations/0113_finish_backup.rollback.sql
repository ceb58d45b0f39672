DROP FUNCTION finish_backup(bigint, text, jsonb);
