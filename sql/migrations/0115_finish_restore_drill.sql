CREATE FUNCTION finish_restore_drill(p_id bigint, p_label text, p_living jsonb, p_restored jsonb) RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH fact AS (
        SELECT coalesce(living.key, restored.key) AS name, living.value IS DISTINCT FROM restored.value AS differs
        FROM jsonb_each_text(p_living) AS living
        FULL JOIN jsonb_each_text(p_restored) AS restored ON living.key = restored.key
    ),

    judged AS (
        SELECT count(*) AS compared, coalesce(array_agg(name ORDER BY name) FILTER (WHERE differs), '{}') AS found
        FROM fact
    )

    UPDATE backup_log AS own
    SET
        outcome = CASE WHEN judged.found = '{}' AND judged.compared > 0 THEN 'success' ELSE 'failed' END,
        finished_at = clock_timestamp(),
        backup_label = p_label,
        compared = judged.compared,
        differences = judged.found,
        error_text = CASE
            WHEN judged.compared = 0 THEN 'nothing was compared'
            WHEN judged.found <> '{}' THEN 'the restored database differs: ' || array_to_string(judged.found[1:5], ', ')
        END
    FROM judged
    WHERE own.id = p_id
    RETURNING own.outcome;
$$;

COMMENT ON FUNCTION finish_restore_drill(bigint, text, jsonb, jsonb) IS
'Compares the facts of the living and of the restored database, and notes how the drill ended; gives the outcome';
