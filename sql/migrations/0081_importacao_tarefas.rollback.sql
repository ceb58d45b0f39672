DROP TABLE importacao_tarefas;
