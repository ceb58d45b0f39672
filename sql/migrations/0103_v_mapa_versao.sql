-- What is kept of the map (counts, extents, tiles) holds while this number stays. It is that of the versions of the
-- summary, which each fold takes from: for entries that are new or changed, and for those that are gone too.
-- The number grows before the fold commits. For what is read from the geometries that is no matter, since the fold only
-- follows what was committed before; what is read from the summary in between is still the old, and has to be read again.
CREATE VIEW v_mapa_versao AS
SELECT
    last_value AS versao,
    (
        SELECT count(*) > 0 FROM pg_locks AS held
        CROSS JOIN hashtextextended('mundo.fold', 0) AS fold (key)
        WHERE
            held.locktype = 'advisory'
            AND held.database = (
                SELECT here.oid FROM pg_database AS here
                WHERE here.datname = current_database()
            )
            AND held.classid::bigint = (fold.key >> 32) & 4294967295
            AND held.objid::bigint = fold.key & 4294967295
            AND held.objsubid = 1
            AND held.granted
    ) AS em_curso
FROM catalogo_summary_version_seq;

COMMENT ON VIEW v_mapa_versao IS
'One number that grows whenever the fold has seen a change of entries or geometries; one row, read in no time';

COMMENT ON COLUMN v_mapa_versao.versao IS 'The number; a change is in it a second or so after its commit';

COMMENT ON COLUMN v_mapa_versao.em_curso IS
'Whether a fold is at work: what is read from the summary now may be older than the number';

GRANT SELECT ON v_mapa_versao TO mundo_app;
