-- A tile is planned anew for its box (EXECUTE), since a plan that suits a field is wrong for a whole country.
--
-- Drawn are 512 pixels a side, as map pages show a tile; a pixel is 8 units of its grid of 4096. Shapes lose what is finer
-- than a quarter of a pixel. What is smaller than a pixel is drawn as one, and what is long but too thin for the grid as
-- its outline, so nothing that is there is missing.
--
-- A tile that would hold more features than c_whole is thinned: of those smaller than a cell only the largest of each
-- cell is kept, drawn as that cell and without its name. Cells are 2 pixels wide, and 4, then 8, where the tile is larger
-- than c_bytes even so; what is over in the end is left out, the smallest first. For the choice the envelopes at the head
-- of the geometries are enough, and the points of most are never read.
CREATE FUNCTION mapa_tile(p_zoom integer, p_row integer, p_col integer, p_categorias text[] DEFAULT NULL)
RETURNS bytea
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
SET jit = off
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    c_whole CONSTANT integer := 2000;
    c_most CONSTANT integer := 16384;
    c_bytes CONSTANT integer := 1048576;
    c_pixels CONSTANT double precision := 512;
    c_buffer CONSTANT double precision := 8;
    c_radius CONSTANT double precision := 6378137;
    c_metres CONSTANT double precision := radians(c_radius);
    v_web geometry;
    v_left double precision;
    v_top double precision;
    v_pixel double precision;
    v_world geometry;
    v_tolerance double precision;
    v_where text := ' FROM v_mapa_feicoes AS f WHERE f.geom && $1'
        || CASE WHEN p_categorias IS NULL THEN '' ELSE ' AND f.categoria = ANY ($2)' END;
    -- Envelopes in pixels of the tile, y downwards.
    c_placed CONSTANT text := 'SELECT f.*, placed.*, greatest(placed.x1 - placed.x0, placed.y1 - placed.y0) AS size FROM ('
        '    SELECT f.id, f.created_at, f.geom::box2d::box3d AS box %s %s'
        ' OFFSET 0) AS f CROSS JOIN LATERAL ('
        '    SELECT (st_xmin(f.box) * %s - $4) / $6 AS x0, (st_xmax(f.box) * %s - $4) / $6 AS x1,'
        '        ($5 - %s * ln(tan(pi() / 4 + radians(least(st_ymax(f.box), 85.06)) / 2))) / $6 AS y0,'
        '        ($5 - %s * ln(tan(pi() / 4 + radians(greatest(st_ymin(f.box), -85.06)) / 2))) / $6 AS y1'
        ' ) AS placed';
    c_drawn CONSTANT text := ' SELECT st_asmvt(drawn, ''feicoes'', 4096, ''mvt'', ''id'') FROM ('
        '    SELECT f.id, f.catalogo_id, f.nome, f.categoria,'
        '        round(CASE WHEN held.geom_count = 1 THEN held.area_m2 ELSE st_area(f.geom::geography) END)::bigint AS area_m2,'
        '        coalesce('
        '            st_asmvtgeom(web.shape, $3, 4096, 64, true),'
        '            CASE WHEN st_dimension(web.shape) = 2'
        '                THEN st_asmvtgeom(st_boundary(web.shape), $3, 4096, 64, true) END'
        '        ) AS mvt'
        '    FROM found AS f'
        '    LEFT JOIN catalogo_summary AS held ON held.catalogo_id = f.catalogo_id'
        '    CROSS JOIN LATERAL (SELECT'
        '        $4 + (floor((f.x0 + f.x1) / 2 / $7) + 0.5) * $7 * $6 AS x,'
        '        $5 - (floor((f.y0 + f.y1) / 2 / $7) + 0.5) * $7 * $6 AS y,'
        '        $7 * $6 / 2 AS half'
        '    ) AS cell'
        '    CROSS JOIN LATERAL (SELECT CASE'
        '        WHEN geometrytype(f.geom) = ''MULTIPOINT'' OR f.size >= $7 THEN st_transform(st_simplify('
        '            CASE WHEN st_ymax(f.box) > 85.06 OR st_ymin(f.box) < -85.06'
        '                THEN st_clipbybox2d(f.geom, st_makeenvelope(-180, -85.06, 180, 85.06, 4326)) ELSE f.geom END,'
        '            $8, true), 3857)'
        '        WHEN geometrytype(f.geom) = ''MULTILINESTRING'' THEN st_setsrid(st_makeline('
        '            st_makepoint(cell.x - cell.half, cell.y), st_makepoint(cell.x + cell.half, cell.y)), 3857)'
        '        ELSE st_makeenvelope(cell.x - cell.half, cell.y - cell.half, cell.x + cell.half, cell.y + cell.half, 3857)'
        '        END AS shape OFFSET 0) AS web'
        '    ORDER BY f.id'
        ' ) AS drawn WHERE drawn.mvt IS NOT NULL';
    v_found integer;
    v_tile bytea;
BEGIN
    IF p_zoom IS NULL OR p_zoom NOT BETWEEN 0 AND 24 OR p_row IS NULL OR p_col IS NULL
        OR p_row NOT BETWEEN 0 AND (1 << p_zoom) - 1 OR p_col NOT BETWEEN 0 AND (1 << p_zoom) - 1
    THEN
        RAISE EXCEPTION 'no tile % / % / %: zooms are 0 to 24, rows and columns 0 to 2^zoom - 1', p_zoom, p_row, p_col
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    v_web := st_tileenvelope(p_zoom, p_col, p_row);
    v_left := st_xmin(v_web);
    v_top := st_ymax(v_web);
    v_pixel := (st_xmax(v_web) - v_left) / c_pixels;
    -- Not by a projection, which would wrap what lies beyond 180 degrees around.
    v_world := st_makeenvelope(
        (v_left - c_buffer * v_pixel) / c_metres,
        degrees(2 * atan(exp((st_ymin(v_web) - c_buffer * v_pixel) / c_radius)) - pi() / 2),
        (st_xmax(v_web) + c_buffer * v_pixel) / c_metres,
        degrees(2 * atan(exp((v_top + c_buffer * v_pixel) / c_radius)) - pi() / 2),
        4326
    );
    v_tolerance := (st_ymax(v_world) - st_ymin(v_world)) / c_pixels / 4;
    EXECUTE 'SELECT count(*) FROM (SELECT' || v_where || ' LIMIT $3) AS few'
    INTO v_found
    USING v_world, p_categorias, c_whole + 1;
    IF v_found = 0 THEN
        RETURN '';
    END IF;
    IF v_found <= c_whole THEN
        EXECUTE 'WITH found AS (' || format(
            c_placed, ', f.catalogo_id, f.nome, f.categoria, f.geom', v_where, c_metres, c_metres, c_radius, c_radius
        ) || ')' || c_drawn
        INTO v_tile
        USING v_world, p_categorias, v_web, v_left, v_top, v_pixel, 1::double precision, v_tolerance;
        IF octet_length(v_tile) <= c_bytes THEN
            RETURN v_tile;
        END IF;
    END IF;
    FOR v_step IN 1..5 LOOP
        EXECUTE 'WITH placed AS MATERIALIZED ('
            || format(c_placed, '', v_where, c_metres, c_metres, c_radius, c_radius)
            || '), kept AS ('
            || '    SELECT * FROM placed WHERE size >= $7 UNION ALL ('
            || '        SELECT DISTINCT ON (floor((x0 + x1) / 2 / $7), floor((y0 + y1) / 2 / $7)) * FROM placed'
            || '        WHERE size < $7'
            || '        ORDER BY floor((x0 + x1) / 2 / $7), floor((y0 + y1) / 2 / $7), size DESC, id'
            || '    ) ORDER BY size DESC, id LIMIT $9'
            || '), found AS ('
            || '    SELECT kept.*, f.catalogo_id, CASE WHEN kept.size >= $7 THEN f.nome END AS nome, f.categoria, f.geom'
            || '    FROM kept INNER JOIN v_mapa_feicoes AS f ON kept.id = f.id AND kept.created_at = f.created_at'
            || ')' || c_drawn
        INTO v_tile
        USING v_world, p_categorias, v_web, v_left, v_top, v_pixel, least(2::double precision ^ v_step, 8), v_tolerance,
            (c_most / 4 ^ greatest(v_step - 3, 0))::bigint;
        EXIT WHEN octet_length(v_tile) <= c_bytes;
    END LOOP;
    RETURN v_tile;
END
$$;

COMMENT ON FUNCTION mapa_tile(integer, integer, integer, text[]) IS
'A tile of the map as a Mapbox vector tile with the one layer feicoes (WebMercatorQuad: zoom, row from the north, column),
of all categories or of these; empty where nothing is. Features carry their id, catalogo_id, nome, categoria and area_m2 (rounded).
Above 2,000 features or 1 MiB it is thinned: of what is smaller than a cell of 2 to 8 pixels (512 are a tile) the largest
of each cell is kept, drawn as the cell and without a name';

GRANT EXECUTE ON FUNCTION mapa_tile(integer, integer, integer, text[]) TO mundo_app, mundo_reader;
