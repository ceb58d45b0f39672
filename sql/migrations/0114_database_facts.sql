-- Exact, so that a restored database can be held against the living one: whole rows, in any order, as text in UTC.
CREATE FUNCTION database_facts() RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET extra_float_digits = 1
AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(fact.name, fact.value)
        FROM (
            SELECT 'rows of ' || part.tableoid::regclass AS name,
                count(*) || ' ' || sum(hashtextextended(part::text, 0)::numeric) AS value
            FROM catalogo_geometrias_particionada AS part
            GROUP BY part.tableoid
            UNION ALL
            SELECT 'rows of catalogo', count(*) || ' ' || coalesce(sum(hashtextextended(entry::text, 0)::numeric), 0)
            FROM catalogo AS entry
            UNION ALL
            SELECT 'extension ' || extname, extversion FROM pg_extension
            UNION ALL
            SELECT 'job ' || jobname, schedule || ' ' || active || ' ' || command
            FROM cron.job WHERE username = current_user
            UNION ALL
            SELECT 'view ' || oid::regclass, md5(pg_get_viewdef(oid))
            FROM pg_class WHERE relkind IN ('v', 'm') AND relowner = current_user::regrole
            UNION ALL
            SELECT 'function ' || oid::regprocedure, md5(pg_get_functiondef(oid))
            FROM pg_proc WHERE proowner = current_user::regrole AND prokind IN ('f', 'p')
            UNION ALL
            SELECT 'table ' || inhrelid::regclass, pg_get_expr(relpartbound, inhrelid)
            FROM pg_inherits INNER JOIN pg_class ON inhrelid = oid
            WHERE inhparent = 'catalogo_geometrias_particionada'::regclass
        ) AS fact
    );
END;
$$;

COMMENT ON FUNCTION database_facts() IS
'What a restored database must have in common with the living one: rows with checksums, extensions, jobs, definitions';
