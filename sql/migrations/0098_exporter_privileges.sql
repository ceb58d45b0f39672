-- The exporter asks views that count; what holds names, files or errors of people's data is none of its business.
REVOKE SELECT ON
mv_catalogo_geometrias_stats, mv_catalogo_search_indexed, importacao_tarefas, catalogo_change_queue
FROM mundo_exporter;
