DROP TABLE importacoes;
