DROP FUNCTION finish_restore_drill(bigint, text, jsonb, jsonb);
