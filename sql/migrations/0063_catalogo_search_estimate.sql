-- The planner knows from its statistics which words are common, at the price of planning; asking the index would cost as
-- much as the search. VOLATILE only because EXPLAIN is refused in any other function; it reads and writes nothing.
CREATE FUNCTION catalogo_search_estimate(p_query tsquery, p_tipo text)
RETURNS double precision[]
LANGUAGE plpgsql
VOLATILE
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_entries text := 'SELECT FROM catalogo_summary AS held WHERE held.is_active'
        || CASE WHEN p_tipo IS NULL THEN '' ELSE ' AND held.tipo = $2' END;
    v_plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || v_entries || ' AND held.nome_vector @@ $1 UNION ALL ' || v_entries
        || ' AND held.search_vector_pt @@ $1'
    INTO v_plan
    USING p_query, p_tipo;
    v_plan := v_plan -> 0 -> 'Plan' -> 'Plans';
    RETURN ARRAY[v_plan -> 0 ->> 'Plan Rows', v_plan -> 1 ->> 'Plan Rows']::double precision[];
END
$$;

COMMENT ON FUNCTION catalogo_search_estimate(tsquery, text) IS
'How many active entries, of one type or of all (NULL), the planner expects to match by their name and anywhere';

GRANT EXECUTE ON FUNCTION catalogo_search_estimate(tsquery, text) TO mundo_app, mundo_reader;
