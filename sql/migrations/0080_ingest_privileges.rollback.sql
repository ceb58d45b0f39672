REVOKE EXECUTE ON FUNCTION
fold_catalogo_changes(integer, boolean), refresh_materialized_view(text), refresh_all_materialized_views()
FROM mundo_ingest;

REVOKE USAGE ON SEQUENCE
catalogo_id_seq, catalogo_geometrias_particionada_id_seq, importacoes_id_seq
FROM mundo_ingest;

REVOKE MAINTAIN ON catalogo, catalogo_geometrias_particionada, catalogo_origem, catalogo_summary FROM mundo_ingest;  -- noqa: PRS

REVOKE SELECT ON catalogo_summary, mv_refresh_log FROM mundo_ingest;

REVOKE SELECT, INSERT, UPDATE ON importacoes, catalogo_bounds_cache FROM mundo_ingest;

REVOKE SELECT, INSERT ON catalogo, catalogo_geometrias_particionada, catalogo_origem, importacao_rejeitos
FROM mundo_ingest;

REVOKE USAGE ON SCHEMA public FROM mundo_ingest;
