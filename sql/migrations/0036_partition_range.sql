-- The server writes bounds as text in the reader's time zone and date style; both are fixed here.
CREATE FUNCTION partition_range(p_partition regclass)
RETURNS tstzrange
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO'
AS $$
    SELECT tstzrange(bounds.found[1]::timestamptz, bounds.found[2]::timestamptz)
    FROM pg_class AS child
    CROSS JOIN LATERAL regexp_match(
        pg_get_expr(child.relpartbound, child.oid), '^FOR VALUES FROM \(''([^'']+)''\) TO \(''([^'']+)''\)$'
    ) AS bounds (found)
    WHERE child.oid = p_partition AND bounds.found IS NOT NULL
$$;

COMMENT ON FUNCTION partition_range(regclass) IS
'First instant of a partition by time and first instant after it; NULL for DEFAULT and for what is no partition';

GRANT EXECUTE ON FUNCTION partition_range(regclass) TO mundo_app, mundo_reader, mundo_exporter;

CREATE FUNCTION year_partition(p_year integer)
RETURNS regclass
LANGUAGE sql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT child.inhrelid::regclass
            FROM pg_inherits AS child
            WHERE child.inhparent = 'public.catalogo_geometrias_particionada'::regclass
                AND child.inhrelid = to_regclass('public.catalogo_geometrias_' || to_char(p_year, 'FM0000'))
        ),
        to_regclass('archive.catalogo_geometrias_' || to_char(p_year, 'FM0000'))
    )
$$;

COMMENT ON FUNCTION year_partition(integer) IS
'The partition of a year, attached or in schema archive; NULL when the year has none';
