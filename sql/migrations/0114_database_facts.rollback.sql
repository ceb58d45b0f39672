DROP FUNCTION database_facts();
