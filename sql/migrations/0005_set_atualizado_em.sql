CREATE FUNCTION set_atualizado_em()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.atualizado_em := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION set_atualizado_em() IS 'Trigger: the time of the last change of a catalogue entry';
