DROP FUNCTION analyze_partitions();
