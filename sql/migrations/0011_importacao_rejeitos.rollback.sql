DROP TABLE importacao_rejeitos;
