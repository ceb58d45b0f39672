-- A refresh may take its time; the cores belong to those who read meanwhile.
ALTER FUNCTION refresh_materialized_view(text) SET max_parallel_workers_per_gather = 0;
