-- Partitions that were detached for retention count too: their bytes are still there.
CREATE VIEW v_capacity_size AS
WITH attached AS (
    SELECT inhrelid AS oid
    FROM pg_inherits
    WHERE inhparent = 'catalogo_geometrias_particionada'::regclass
),

known AS (
    SELECT
        own.oid,
        own.relname::text AS relation_name,
        own.reltoastrelid AS toast_oid,
        greatest(own.reltuples, 0)::bigint AS estimated_rows,
        CASE
            WHEN attached.oid IS NOT NULL THEN 'geometries'
            WHEN
                pg_namespace.nspname = 'archive' AND own.relkind = 'r' AND own.relname LIKE 'catalogo\_geometrias\_%'
                THEN 'archive'
            WHEN
                pg_namespace.nspname = 'public' AND own.relkind IN ('r', 'm') AND own.relname IN (
                    'catalogo', 'catalogo_origem', 'catalogo_summary', 'catalogo_bounds_cache', 'importacoes',
                    'importacao_rejeitos', 'mv_catalogo_geometrias_stats', 'mv_catalogo_search_indexed'
                )
                THEN 'catalogue'
        END AS part
    FROM pg_class AS own
    INNER JOIN pg_namespace ON own.relnamespace = pg_namespace.oid
    LEFT JOIN attached ON own.oid = attached.oid
),

-- An index without rows has one page, a GIN index two.
indexes AS (
    SELECT
        known.oid,
        count(pg_index.indexrelid) AS files,
        coalesce(sum(CASE pg_am.amname WHEN 'gin' THEN 2 ELSE 1 END), 0)
        * current_setting('block_size')::bigint AS empty_bytes
    FROM known
    INNER JOIN pg_index ON known.oid = pg_index.indrelid
    INNER JOIN pg_class AS own ON pg_index.indexrelid = own.oid
    INNER JOIN pg_am ON own.relam = pg_am.oid
    WHERE known.part IS NOT NULL
    GROUP BY known.oid
),

measured AS (
    SELECT
        known.part,
        known.relation_name,
        known.estimated_rows,
        pg_relation_size(known.oid) AS heap_bytes,
        pg_indexes_size(known.oid) AS index_bytes,
        CASE WHEN known.toast_oid = 0 THEN 0 ELSE pg_relation_size(known.toast_oid) + pg_indexes_size(known.toast_oid) END
            AS toast_bytes,
        pg_total_relation_size(known.oid) AS total_bytes,
        coalesce(indexes.empty_bytes, 0)::bigint AS empty_index_bytes,
        CASE WHEN known.toast_oid = 0 THEN 0 ELSE current_setting('block_size')::bigint END AS empty_toast_bytes,
        1 + coalesce(indexes.files, 0) + CASE WHEN known.toast_oid = 0 THEN 0 ELSE 2 END AS files
    FROM known
    LEFT JOIN indexes ON known.oid = indexes.oid
    WHERE known.part IS NOT NULL
)

SELECT
    part,
    relation_name,
    estimated_rows,
    heap_bytes,
    total_bytes - heap_bytes - index_bytes - toast_bytes AS map_bytes,
    index_bytes,
    toast_bytes,
    total_bytes,
    empty_index_bytes,
    empty_toast_bytes,
    files
FROM measured;

COMMENT ON VIEW v_capacity_size IS
'Bytes on disk of all that grows with the catalogue, one row per table or materialized view';

COMMENT ON COLUMN v_capacity_size.part IS
'geometries: an attached partition; archive: a detached one; catalogue: a table or view beside them';

COMMENT ON COLUMN v_capacity_size.relation_name IS 'The table or materialized view';

COMMENT ON COLUMN v_capacity_size.heap_bytes IS 'Rows, without their TOAST';

COMMENT ON COLUMN v_capacity_size.map_bytes IS 'Free-space and visibility maps of heap and TOAST: there or not, whatever the rows';

COMMENT ON COLUMN v_capacity_size.index_bytes IS 'All indexes';

COMMENT ON COLUMN v_capacity_size.toast_bytes IS 'Values kept out of line, with the index on them';

COMMENT ON COLUMN v_capacity_size.total_bytes IS 'As pg_total_relation_size() says: heap, maps, indexes and TOAST';

COMMENT ON COLUMN v_capacity_size.empty_index_bytes IS 'What its indexes take without a single row';

COMMENT ON COLUMN v_capacity_size.empty_toast_bytes IS 'What its TOAST takes without a single row';

COMMENT ON COLUMN v_capacity_size.files IS 'Files behind it: heap, indexes, TOAST with its index';

COMMENT ON COLUMN v_capacity_size.estimated_rows IS 'Rows as ANALYZE last saw them; 0 before';

GRANT SELECT ON v_capacity_size TO mundo_app, mundo_reader, mundo_exporter;
