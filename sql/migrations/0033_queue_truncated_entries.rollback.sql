DO $$
DECLARE
    v_child regclass;
BEGIN
    FOR v_child IN
        SELECT tgrelid FROM pg_trigger WHERE tgfoid = 'public.queue_truncated_entries'::regproc AND NOT tgisinternal
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS queue_truncated ON %s', v_child);
    END LOOP;
END
$$;

DROP TRIGGER catalogo_queue_truncated ON catalogo;

DROP FUNCTION queue_truncated_entries();
