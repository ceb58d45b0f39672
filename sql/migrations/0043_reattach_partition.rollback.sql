-- Without schema archive its years must live in the table again.
DO $$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN SELECT tablename FROM pg_tables WHERE schemaname = 'archive' ORDER BY tablename LOOP
        PERFORM reattach_partition(right(v_name, 4)::integer);
    END LOOP;
END
$$;

DROP FUNCTION reattach_partition(integer);
