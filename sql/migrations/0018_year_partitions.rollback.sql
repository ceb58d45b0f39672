-- Years are data: what lies in them goes back to the DEFAULT partition.
DO $$
DECLARE
    v_child text;
BEGIN
    LOCK TABLE catalogo IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE ONLY catalogo_geometrias_particionada IN ACCESS EXCLUSIVE MODE;
    FOR v_child IN
        SELECT child.relname
        FROM pg_inherits
        INNER JOIN pg_class AS child ON pg_inherits.inhrelid = child.oid
        WHERE pg_inherits.inhparent = 'catalogo_geometrias_particionada'::regclass
            AND child.relname <> 'catalogo_geometrias_default'
    LOOP
        EXECUTE format('ALTER TABLE catalogo_geometrias_particionada DETACH PARTITION %I', v_child);
        EXECUTE format('INSERT INTO catalogo_geometrias_default SELECT * FROM %I', v_child);
        EXECUTE format('DROP TABLE %I', v_child);
    END LOOP;
END
$$;
