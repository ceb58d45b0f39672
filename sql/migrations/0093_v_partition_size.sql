-- Counted, not estimated: a partition that was never analysed has rows too, and sums have to agree with what is stored.
CREATE VIEW v_partition_size AS
WITH counted AS (
    SELECT
        tableoid AS oid,
        count(*) AS row_count
    FROM catalogo_geometrias_particionada
    GROUP BY tableoid
)

SELECT
    coalesce(extract(YEAR FROM lower(bounds.covered) AT TIME ZONE 'UTC')::integer::text, 'default') AS partition_label,
    coalesce(counted.row_count, 0) AS row_count,
    pg_total_relation_size(pg_inherits.inhrelid) AS total_bytes
FROM pg_inherits
CROSS JOIN LATERAL partition_range(pg_inherits.inhrelid) AS bounds (covered)
LEFT JOIN counted ON pg_inherits.inhrelid = counted.oid
WHERE pg_inherits.inhparent = 'catalogo_geometrias_particionada'::regclass;

COMMENT ON VIEW v_partition_size IS
'Rows and bytes of every attached partition, one row each, DEFAULT among them. Counts every geometry, so look at it every
few minutes at most';

COMMENT ON COLUMN v_partition_size.partition_label IS 'The year (UTC) that the partition holds, as text, or default';

COMMENT ON COLUMN v_partition_size.row_count IS 'Rows, counted';

COMMENT ON COLUMN v_partition_size.total_bytes IS 'Bytes on disk: heap, maps, indexes and TOAST';

GRANT SELECT ON v_partition_size TO mundo_app, mundo_exporter;
