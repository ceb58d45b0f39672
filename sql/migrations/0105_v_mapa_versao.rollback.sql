DROP VIEW v_mapa_versao;

CREATE VIEW v_mapa_versao AS
SELECT last_value AS versao
FROM catalogo_summary_version_seq;

COMMENT ON VIEW v_mapa_versao IS
'One number that grows whenever the fold has seen a change of entries or geometries; one row, read in no time';

COMMENT ON COLUMN v_mapa_versao.versao IS 'The number; a change is in it a second or so after its commit';

GRANT SELECT ON v_mapa_versao TO mundo_app;
