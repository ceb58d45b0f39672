-- What is kept of the map (counts, extents, tiles) holds while this number stays. It is that of the versions of the
-- summary, which each fold takes from: for entries that are new or changed, and for those that are gone too.
CREATE VIEW v_mapa_versao AS
SELECT last_value AS versao
FROM catalogo_summary_version_seq;

COMMENT ON VIEW v_mapa_versao IS
'One number that grows whenever the fold has seen a change of entries or geometries; one row, read in no time';

COMMENT ON COLUMN v_mapa_versao.versao IS 'The number; a change is in it a second or so after its commit';

GRANT SELECT ON v_mapa_versao TO mundo_app;
