DROP VIEW v_mapa_versao;
