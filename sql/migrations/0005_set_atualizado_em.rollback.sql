DROP FUNCTION set_atualizado_em();
