-- The planner knows from its statistics which words are common, at the price of planning; asking the index would cost as
-- much as the search. VOLATILE only because EXPLAIN is refused in any other function; it reads and writes nothing.
CREATE FUNCTION catalogo_search_estimate(p_queries tsquery[], p_tipo text, p_by_name boolean)
RETURNS double precision[]
LANGUAGE plpgsql
VOLATILE
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_entries text := 'SELECT FROM catalogo_summary AS held WHERE held.is_active'
        || CASE WHEN p_tipo IS NULL THEN '' ELSE ' AND held.tipo = $3' END
        || CASE WHEN p_by_name THEN ' AND held.nome_vector @@ ' ELSE ' AND held.search_vector_pt @@ ' END;
    v_plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || v_entries || '$1 UNION ALL ' || v_entries || '$2'
    INTO v_plan
    USING p_queries[1], p_queries[2], p_tipo;
    RETURN ARRAY[
        v_plan #>> '{0,Plan,Plans,0,Plan Rows}', v_plan #>> '{0,Plan,Plans,1,Plan Rows}'
    ]::double precision[];
END
$$;

COMMENT ON FUNCTION catalogo_search_estimate(tsquery[], text, boolean) IS
'How many active entries, of one type or of all (NULL), the planner expects each of two queries to match, by the name or
anywhere';

GRANT EXECUTE ON FUNCTION catalogo_search_estimate(tsquery[], text, boolean) TO mundo_app, mundo_reader;
