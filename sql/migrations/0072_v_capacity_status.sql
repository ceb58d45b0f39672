-- Whether a plan is exceeded is asked of the whole year: a survey comes in one day, and would stand above any line that
-- rises evenly from January to December.
CREATE VIEW v_capacity_status AS
WITH sizes AS (
    SELECT
        sum(total_bytes)::bigint AS actual_bytes,
        coalesce(sum(estimated_rows) FILTER (WHERE part = 'archive'), 0)::bigint AS detached_rows
    FROM v_capacity_size
),

attached AS (
    SELECT count(*) AS attached_rows FROM catalogo_geometrias_particionada
),

plan AS (
    SELECT
        *,
        least(1, greatest(0, coalesce(
            extract(EPOCH FROM now() - starts_at)
            / nullif(extract(EPOCH FROM make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC') - starts_at), 0),
            1
        )))::double precision AS passed
    FROM capacity_plan
    WHERE year = extract(YEAR FROM now() AT TIME ZONE 'UTC')
),

compared AS (
    SELECT
        plan.*,
        sizes.actual_bytes,
        attached.attached_rows + sizes.detached_rows AS actual_rows,
        plan.start_rows + (plan.rows - plan.start_rows) * plan.passed AS rows_today,
        plan.start_bytes + (plan.total_bytes - plan.start_bytes) * plan.passed AS bytes_today
    FROM plan
    CROSS JOIN sizes
    CROSS JOIN attached
)

SELECT
    scenario,
    year,
    made_at,
    rows_today::bigint AS projected_rows,
    rows AS projected_rows_year_end,
    actual_rows,
    (actual_rows - rows_today) / nullif(rows_today, 0) AS rows_error,
    bytes_today::bigint AS projected_bytes,
    total_bytes AS projected_bytes_year_end,
    actual_bytes,
    (actual_bytes - bytes_today) / nullif(bytes_today, 0) AS bytes_error,
    actual_rows / nullif(rows, 0)::double precision AS rows_of_year_end,
    actual_bytes / nullif(total_bytes + margin_bytes, 0)::double precision AS bytes_of_year_end,
    actual_rows > rows OR actual_bytes > total_bytes + margin_bytes AS exceeded
FROM compared;

COMMENT ON VIEW v_capacity_status IS
'The current year (UTC): what the capacity plan says and what is there, one row per scenario; no rows without a plan for
this year. Counts every geometry, so look at it every few minutes at most';

COMMENT ON COLUMN v_capacity_status.scenario IS 'low, expected or high';

COMMENT ON COLUMN v_capacity_status.year IS 'The current year (UTC)';

COMMENT ON COLUMN v_capacity_status.made_at IS 'When the plan was made';

COMMENT ON COLUMN v_capacity_status.projected_rows IS 'Geometries the plan has for this moment, in equal steps over the year';

COMMENT ON COLUMN v_capacity_status.projected_rows_year_end IS 'Geometries the plan has for the end of the year';

COMMENT ON COLUMN v_capacity_status.actual_rows IS
'Geometries that are there, counted; those of detached partitions as ANALYZE last saw them';

COMMENT ON COLUMN v_capacity_status.rows_error IS '(actual - projected) / projected for this moment; 0.1: 10 % more than planned';

COMMENT ON COLUMN v_capacity_status.projected_bytes IS 'Bytes on disk the plan has for this moment, in equal steps over the year';

COMMENT ON COLUMN v_capacity_status.projected_bytes_year_end IS 'Bytes on disk the plan has for the end of the year';

COMMENT ON COLUMN v_capacity_status.actual_bytes IS 'Bytes on disk, see v_capacity_size';

COMMENT ON COLUMN v_capacity_status.bytes_error IS '(actual - projected) / projected for this moment; 0.1: 10 % more than planned';

COMMENT ON COLUMN v_capacity_status.rows_of_year_end IS 'actual_rows as a share of projected_rows_year_end';

COMMENT ON COLUMN v_capacity_status.bytes_of_year_end IS
'actual_bytes as a share of projected_bytes_year_end and its margin: above 1, as with rows_of_year_end, is exceeded';

COMMENT ON COLUMN v_capacity_status.exceeded IS
'Whether more is there already, in rows or in bytes (their margin included), than the plan has for the end of the year; true
for high is the alert';

GRANT SELECT ON v_capacity_status TO mundo_app, mundo_reader, mundo_exporter;
