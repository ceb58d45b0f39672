-- Not in public, so that nothing takes an archived year for a living one.
CREATE SCHEMA archive;

COMMENT ON SCHEMA archive IS
'Partitions that retention took out of catalogo_geometrias_particionada, under their own names; nothing is ever dropped here.
reattach_partition(year) brings one back';

GRANT USAGE ON SCHEMA archive TO mundo_reader;
