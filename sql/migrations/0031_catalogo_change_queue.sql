-- Only ever appended to by writers: a summary that they updated themselves would make two writers of one entry wait for
-- each other. No key and no reference either, since each would cost every insert and lock rows that others write.
CREATE TABLE catalogo_change_queue (
    catalogo_id bigint NOT NULL,
    queued_at timestamptz NOT NULL DEFAULT now()
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0.2
);

COMMENT ON TABLE catalogo_change_queue IS
'Catalogue entries whose summary is out of date: appended to by triggers in the transaction of the change, emptied by the
fold. The same entry may stand in it many times';

COMMENT ON COLUMN catalogo_change_queue.catalogo_id IS 'The entry; it may be gone already';

COMMENT ON COLUMN catalogo_change_queue.queued_at IS 'Start of the transaction that changed it';

GRANT SELECT ON catalogo_change_queue TO mundo_app, mundo_exporter;
