DROP FUNCTION catalogo_summary_of(bigint[]);
