DROP VIEW v_mapa_feicoes;
