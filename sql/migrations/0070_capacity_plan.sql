CREATE TABLE capacity_plan (
    scenario text NOT NULL CHECK (scenario <> ''),
    year integer NOT NULL CHECK (year BETWEEN 1900 AND 2200), -- noqa: RF04
    made_at timestamptz NOT NULL DEFAULT now(),
    growth double precision NOT NULL CHECK (growth > -1),
    starts_at timestamptz NOT NULL,
    start_rows bigint NOT NULL CHECK (start_rows >= 0),
    start_bytes bigint NOT NULL CHECK (start_bytes >= 0),
    rows bigint NOT NULL CHECK (rows >= start_rows), -- noqa: RF04
    heap_bytes bigint NOT NULL CHECK (heap_bytes >= 0),
    index_bytes bigint NOT NULL CHECK (index_bytes >= 0),
    toast_bytes bigint NOT NULL CHECK (toast_bytes >= 0),
    catalogue_bytes bigint NOT NULL CHECK (catalogue_bytes >= 0),
    wal_bytes bigint NOT NULL CHECK (wal_bytes >= 0),
    total_bytes bigint NOT NULL GENERATED ALWAYS AS (heap_bytes + index_bytes + toast_bytes + catalogue_bytes) STORED,
    margin_bytes bigint NOT NULL DEFAULT 0 CHECK (margin_bytes >= 0),
    PRIMARY KEY (scenario, year)
);

COMMENT ON TABLE capacity_plan IS
'The capacity plan in force, one row per scenario and year; a run of `mundo capacity` replaces it as a whole';

COMMENT ON COLUMN capacity_plan.scenario IS 'low, expected or high';

COMMENT ON COLUMN capacity_plan.year IS 'Calendar year (UTC)';

COMMENT ON COLUMN capacity_plan.made_at IS 'When the plan was made';

COMMENT ON COLUMN capacity_plan.growth IS 'Growth of the yearly additions from one year to the next, 0.2 = 20 %';

COMMENT ON COLUMN capacity_plan.starts_at IS
'First instant that the row speaks of: when the plan was made in its first year, 1 January (UTC) in the others';

COMMENT ON COLUMN capacity_plan.start_rows IS 'Geometries at that instant';

COMMENT ON COLUMN capacity_plan.start_bytes IS 'Bytes on disk at that instant, counted as total_bytes';

COMMENT ON COLUMN capacity_plan.rows IS 'Geometries at the end of the year';

COMMENT ON COLUMN capacity_plan.heap_bytes IS 'Heap of the partitions at the end of the year, with its free-space and visibility maps';

COMMENT ON COLUMN capacity_plan.index_bytes IS 'Indexes of the partitions at the end of the year';

COMMENT ON COLUMN capacity_plan.toast_bytes IS 'TOAST of the partitions at the end of the year, with its index';

COMMENT ON COLUMN capacity_plan.catalogue_bytes IS
'Everything else that grows with the catalogue: entries, their origin and summary, the views, with their indexes';

COMMENT ON COLUMN capacity_plan.wal_bytes IS
'Write-ahead log that the geometries added from starts_at to the end of the year cause; recycled, so not in total_bytes';

COMMENT ON COLUMN capacity_plan.total_bytes IS 'Bytes on disk at the end of the year: heap, indexes, TOAST and catalogue';

COMMENT ON COLUMN capacity_plan.margin_bytes IS
'Half of the 95 % interval of total_bytes, from what is uncertain about the bytes per row alone';

GRANT SELECT ON capacity_plan TO mundo_app, mundo_reader, mundo_exporter;
