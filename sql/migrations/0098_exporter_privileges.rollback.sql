GRANT SELECT ON mv_catalogo_geometrias_stats, mv_catalogo_search_indexed, catalogo_change_queue TO mundo_exporter;

-- In the order of their first grants, which a dump shows.
REVOKE SELECT, INSERT, UPDATE ON importacao_tarefas FROM mundo_ingest;

GRANT SELECT ON importacao_tarefas TO mundo_exporter;

GRANT SELECT, INSERT, UPDATE ON importacao_tarefas TO mundo_ingest;
