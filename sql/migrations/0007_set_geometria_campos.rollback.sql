DROP FUNCTION set_geometria_campos();
