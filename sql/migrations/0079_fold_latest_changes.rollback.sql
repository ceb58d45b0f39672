DROP FUNCTION fold_latest_changes(integer);
