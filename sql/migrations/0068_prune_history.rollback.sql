DROP FUNCTION prune_history(integer);
