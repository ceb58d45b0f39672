DROP FUNCTION begin_backup();
