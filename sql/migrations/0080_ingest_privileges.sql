-- What an import through the app needs: it adds entries, and its own row becomes complete; it changes and removes nothing
-- that was there. The app's own sessions only read.
GRANT USAGE ON SCHEMA public TO mundo_ingest;

GRANT SELECT, INSERT ON catalogo, catalogo_geometrias_particionada, catalogo_origem, importacao_rejeitos TO mundo_ingest;

GRANT SELECT, INSERT, UPDATE ON importacoes, catalogo_bounds_cache TO mundo_ingest;

GRANT SELECT ON catalogo_summary, mv_refresh_log TO mundo_ingest;

-- ANALYZE, after the new rows; the partitions themselves are autovacuum's.
GRANT MAINTAIN ON catalogo, catalogo_geometrias_particionada, catalogo_origem, catalogo_summary TO mundo_ingest;  -- noqa: PRS

GRANT USAGE ON SEQUENCE
catalogo_id_seq, catalogo_geometrias_particionada_id_seq, importacoes_id_seq
TO mundo_ingest;

GRANT EXECUTE ON FUNCTION
fold_catalogo_changes(integer, boolean), refresh_materialized_view(text), refresh_all_materialized_views()
TO mundo_ingest;
