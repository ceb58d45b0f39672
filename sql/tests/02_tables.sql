-- Columns that other code relies on: names in order, and types where they matter.
BEGIN;

SELECT plan(22);

SELECT columns_are(
    'catalogo', ARRAY['id', 'nome', 'descricao', 'tipo', 'status', 'criado_em', 'atualizado_em']
);
SELECT col_type_is('catalogo', 'id', 'bigint');
SELECT col_default_is('catalogo', 'status', 'ativo'::text);
SELECT columns_are(
    'catalogo_geometrias_particionada',
    ARRAY['id', 'catalogo_id', 'geom', 'is_valid', 'validity_error_msg', 'created_at', 'updated_at']
);
SELECT col_type_is('catalogo_geometrias_particionada', 'geom', 'geometry(Geometry,4326)');
SELECT col_type_is('catalogo_geometrias_particionada', 'created_at', 'timestamp with time zone');
SELECT col_is_pk('catalogo_geometrias_particionada', ARRAY['id', 'created_at']);
SELECT fk_ok('catalogo_geometrias_particionada', 'catalogo_id', 'catalogo', 'id');
SELECT columns_are(
    'catalogo_bounds_cache',
    ARRAY[
        'catalogo_id', 'min_lat', 'max_lat', 'min_lon', 'max_lon', 'centroid_lon', 'centroid_lat', 'bounds_wkt',
        'is_validated', 'validation_timestamp', 'updated_at'
    ]
);
SELECT columns_are(
    'importacoes',
    ARRAY[
        'id', 'arquivo', 'digest', 'formato', 'iniciada_em', 'concluida_em', 'lidas', 'armazenadas', 'rejeitadas',
        'reparadas'
    ]
);
SELECT col_is_unique('importacoes', 'digest');
SELECT columns_are(
    'catalogo_origem',
    ARRAY[
        'catalogo_id', 'importacao_id', 'feature_id', 'feature_index', 'camada', 'categoria', 'atributos', 'reparo'
    ]
);
SELECT col_is_pk('catalogo_origem', 'catalogo_id');
SELECT col_is_unique('catalogo_origem', ARRAY['importacao_id', 'feature_id']);
SELECT columns_are(
    'importacao_rejeitos', ARRAY['importacao_id', 'feature_index', 'feature_id', 'motivo', 'bruto']
);
SELECT col_is_pk('importacao_rejeitos', ARRAY['importacao_id', 'feature_index']);
SELECT has_table('partition_maintenance_log');
SELECT has_table('mv_refresh_log');
SELECT columns_are(
    'mv_catalogo_geometrias_stats',
    ARRAY[
        'catalogo_id', 'nome', 'tipo', 'total_geometrias', 'valid_geometry_percent', 'bounds_wkt', 'total_area_m2',
        'avg_points_per_geom', 'first_created', 'last_updated', 'materialized_at'
    ]
);
SELECT columns_are(
    'mv_catalogo_search_indexed',
    ARRAY[
        'id', 'nome', 'descricao', 'tipo', 'status', 'criado_em', 'atualizado_em', 'search_vector_pt', 'is_active',
        'is_geometric', 'geom_count', 'valid_geometry_pct', 'nome_busca'
    ]
);
SELECT index_is_unique('mv_catalogo_geometrias_stats', 'mv_catalogo_geometrias_stats_key');
SELECT index_is_unique('mv_catalogo_search_indexed', 'mv_catalogo_search_indexed_key');

SELECT finish();

ROLLBACK;
