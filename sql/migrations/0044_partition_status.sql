-- A function, since the table that is DEFAULT becomes a year and another takes its name: a view would follow the old one.
-- The plausible years are those of the job that is at work; nothing else in the database knows them.
CREATE FUNCTION default_partition_status()
RETURNS TABLE (
    row_count bigint,
    undrained_rows bigint,
    undrained_years integer[],
    undrained_since timestamptz,
    archived_rows bigint,
    archived_years integer[],
    implausible_rows bigint,
    oldest_created_at timestamptz,
    newest_created_at timestamptz,
    plausible_first_year integer,
    plausible_last_year integer,
    last_drain_at timestamptz,
    last_drain_outcome text,
    last_drain_message text
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    c_limit CONSTANT integer := 10000;
    v_range text[];
    v_from timestamptz;
    v_to timestamptz;
BEGIN
    IF to_regclass('cron.job') IS NOT NULL THEN
        EXECUTE
            'SELECT regexp_match(command, ''drain_default_partition\((\d{4}), ?(\d{4})\)'') FROM cron.job'
            ' WHERE jobname = ''drain-default-partition'' AND database = current_database()'
        INTO v_range;
    END IF;
    plausible_first_year := coalesce(v_range[1]::integer, 1970);
    plausible_last_year := coalesce(v_range[2]::integer, 2100);
    v_from := make_timestamptz(plausible_first_year, 1, 1, 0, 0, 0, 'UTC');
    v_to := make_timestamptz(plausible_last_year + 1, 1, 1, 0, 0, 0, 'UTC');
    WITH waiting AS (
        SELECT part.created_at, part.updated_at
        FROM catalogo_geometrias_default AS part
        WHERE part.created_at >= v_from AND part.created_at < v_to
        LIMIT c_limit
    ),

    years AS (
        SELECT extract(YEAR FROM waiting.created_at)::integer AS y, count(*) AS n, min(waiting.updated_at) AS since
        FROM waiting
        GROUP BY 1
    ),

    known AS (
        SELECT years.*, year_partition(years.y) IS NOT NULL AS is_archived FROM years
    )

    SELECT
        coalesce(sum(known.n) FILTER (WHERE NOT known.is_archived), 0),
        coalesce(array_agg(known.y ORDER BY known.y) FILTER (WHERE NOT known.is_archived), '{}'),
        min(known.since) FILTER (WHERE NOT known.is_archived),
        coalesce(sum(known.n) FILTER (WHERE known.is_archived), 0),
        coalesce(array_agg(known.y ORDER BY known.y) FILTER (WHERE known.is_archived), '{}')
    INTO undrained_rows, undrained_years, undrained_since, archived_rows, archived_years
    FROM known;
    SELECT count(*) INTO implausible_rows
    FROM (
        SELECT FROM catalogo_geometrias_default AS part
        WHERE part.created_at < v_from OR part.created_at >= v_to
        LIMIT c_limit
    ) AS strange;
    row_count := undrained_rows + archived_rows + implausible_rows;
    SELECT min(part.created_at), max(part.created_at) INTO oldest_created_at, newest_created_at
    FROM catalogo_geometrias_default AS part;
    SELECT run.started_at, run.outcome, run.message INTO last_drain_at, last_drain_outcome, last_drain_message
    FROM partition_maintenance_log AS run
    WHERE run.action = 'drain'
    ORDER BY run.started_at DESC, run.id DESC
    LIMIT 1;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION default_partition_status() IS
'What lies in the DEFAULT partition and why: v_default_partition_status explains the columns';

GRANT EXECUTE ON FUNCTION default_partition_status() TO mundo_app, mundo_reader, mundo_exporter;

CREATE VIEW v_default_partition_status AS
SELECT
    row_count,
    undrained_rows,
    undrained_years,
    undrained_since,
    archived_rows,
    archived_years,
    implausible_rows,
    oldest_created_at,
    newest_created_at,
    plausible_first_year,
    plausible_last_year,
    last_drain_at,
    last_drain_outcome,
    last_drain_message
FROM default_partition_status();

COMMENT ON VIEW v_default_partition_status IS
'What lies in the DEFAULT partition and why, one row; counts stop at 10,000 of a kind';

COMMENT ON COLUMN v_default_partition_status.row_count IS 'Rows in DEFAULT: the three kinds together';

COMMENT ON COLUMN v_default_partition_status.undrained_rows IS
'Rows of plausible years that wait for their own partition; more than 0 for longer than 10 s needs a reason';

COMMENT ON COLUMN v_default_partition_status.undrained_years IS 'Their years (UTC)';

COMMENT ON COLUMN v_default_partition_status.undrained_since IS 'Last change of the one that waits longest, or NULL';

COMMENT ON COLUMN v_default_partition_status.archived_rows IS
'Rows of years that retention put in schema archive; they stay here until reattach_partition() brings the year back';

COMMENT ON COLUMN v_default_partition_status.archived_years IS 'Their years (UTC)';

COMMENT ON COLUMN v_default_partition_status.implausible_rows IS
'Rows of years outside the plausible ones; they stay here until their created_at is mended';

COMMENT ON COLUMN v_default_partition_status.oldest_created_at IS 'Smallest created_at in DEFAULT, or NULL; it may be -infinity';

COMMENT ON COLUMN v_default_partition_status.newest_created_at IS 'Greatest created_at in DEFAULT, or NULL; it may be infinity';

COMMENT ON COLUMN v_default_partition_status.plausible_first_year IS
'First plausible year: of the job drain-default-partition, 1970 without it';

COMMENT ON COLUMN v_default_partition_status.plausible_last_year IS 'Last plausible year, likewise; 2100 without the job';

COMMENT ON COLUMN v_default_partition_status.last_drain_at IS 'Start of the last drain that had work, or NULL';

COMMENT ON COLUMN v_default_partition_status.last_drain_outcome IS 'Its outcome: success or failed';

COMMENT ON COLUMN v_default_partition_status.last_drain_message IS 'Why it failed, or NULL';

GRANT SELECT ON v_default_partition_status TO mundo_app, mundo_exporter;

CREATE VIEW v_partition_status AS
SELECT
    child.relname::text AS partition_name,
    extract(YEAR FROM lower(bounds.covered) AT TIME ZONE 'UTC')::integer AS partition_year,
    lower(bounds.covered) AS range_from,
    upper(bounds.covered) AS range_to,
    CASE
        WHEN bounds.covered IS NULL THEN (SELECT own.row_count FROM default_partition_status() AS own)
        WHEN pg_relation_size(child.oid) = 0 THEN 0
        WHEN child.reltuples > 0 AND child.relpages > 0 THEN
            round(
                child.reltuples::double precision / child.relpages
                * (pg_relation_size(child.oid) / current_setting('block_size')::integer)
            )::bigint
    END AS row_count,
    bounds.covered IS NULL OR pg_relation_size(child.oid) = 0 AS is_exact,
    pg_table_size(child.oid) - coalesce(pg_total_relation_size(nullif(child.reltoastrelid, 0::oid)), 0) AS heap_bytes,
    pg_indexes_size(child.oid) AS index_bytes,
    coalesce(pg_total_relation_size(nullif(child.reltoastrelid, 0::oid)), 0) AS toast_bytes
FROM pg_inherits
INNER JOIN pg_class AS child ON pg_inherits.inhrelid = child.oid
CROSS JOIN LATERAL partition_range(child.oid) AS bounds (covered)
WHERE pg_inherits.inhparent = 'catalogo_geometrias_particionada'::regclass;

COMMENT ON VIEW v_partition_status IS 'Every attached partition with its range, rows and sizes, one row each, DEFAULT among them';

COMMENT ON COLUMN v_partition_status.partition_name IS 'Name of the partition in schema public';

COMMENT ON COLUMN v_partition_status.partition_year IS 'Its year (UTC); NULL for DEFAULT';

COMMENT ON COLUMN v_partition_status.range_from IS 'First instant of the partition; NULL for DEFAULT';

COMMENT ON COLUMN v_partition_status.range_to IS 'First instant after the partition; NULL for DEFAULT';

COMMENT ON COLUMN v_partition_status.row_count IS
'Rows: estimated from the last ANALYZE and the size, NULL before the first; counted for DEFAULT, up to 10,000 of a kind';

COMMENT ON COLUMN v_partition_status.is_exact IS 'Whether row_count was counted';

COMMENT ON COLUMN v_partition_status.heap_bytes IS 'Size of the rows without what is in TOAST, bytes';

COMMENT ON COLUMN v_partition_status.index_bytes IS 'Size of all its indexes, bytes';

COMMENT ON COLUMN v_partition_status.toast_bytes IS 'Size of its TOAST table with that table''s index, bytes';

GRANT SELECT ON v_partition_status TO mundo_app, mundo_exporter;
