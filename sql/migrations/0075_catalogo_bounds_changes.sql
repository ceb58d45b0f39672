-- What caches of bounds have to learn, in the order of commits: rows are written under the fold's lock, which is held
-- until their commit can be seen, so whoever has read up to a number never misses a smaller one. Read by that number
-- only, hence no other index. An entry that is new is not in it: nobody can have kept it.
CREATE TABLE catalogo_bounds_changes (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    catalogo_id bigint NOT NULL,
    version bigint NOT NULL, -- noqa: RF04
    deleted boolean NOT NULL,
    changed_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.2);

COMMENT ON TABLE catalogo_bounds_changes IS
'Outbox of the fold: one row per entry whose summary was changed or removed, for caches of bounds to follow; kept 8 days,
which is longer than any of them keeps an entry';

COMMENT ON COLUMN catalogo_bounds_changes.seq IS 'Order of the commits; a rollback leaves a gap';

COMMENT ON COLUMN catalogo_bounds_changes.catalogo_id IS 'The entry; it may be gone, or changed once more, already';

COMMENT ON COLUMN catalogo_bounds_changes.version IS
'Version of its summary after the change; of a removed one a number of the same sequence, above all it ever had';

COMMENT ON COLUMN catalogo_bounds_changes.deleted IS 'Whether the entry was removed';

COMMENT ON COLUMN catalogo_bounds_changes.changed_at IS 'When the fold computed it';

GRANT SELECT ON catalogo_bounds_changes TO mundo_app;
