-- Ingest brings its own verdict (GEOS, checked before); whoever brings none gets PostGIS's.
CREATE FUNCTION set_geometria_campos()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW.updated_at := now();
        IF NEW.geom IS DISTINCT FROM OLD.geom AND NEW.is_valid IS NOT DISTINCT FROM OLD.is_valid THEN
            NEW.is_valid := NULL;
        END IF;
    END IF;
    IF NEW.is_valid IS NULL AND NEW.geom IS NOT NULL THEN
        NEW.is_valid := st_isvalid(NEW.geom);
        NEW.validity_error_msg := CASE WHEN NOT NEW.is_valid THEN st_isvalidreason(NEW.geom) END;
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION set_geometria_campos() IS
'Trigger: time of the last change of a geometry, and its validity where the writer did not state it';
