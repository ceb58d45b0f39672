DROP FUNCTION maintain_partitions(integer);
