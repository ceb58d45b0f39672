-- One attempt is one subtransaction, so that whoever waits in vain for a lock lets go of all others before trying again.
-- The way is the cheapest under lock. A few rows are moved one by one, which leaves readers of catalogo alone. A year with
-- many rows, and most of DEFAULT, takes it over as soon as few rows of other years are left to move; until then the smallest
-- years move out first. So everybody waits long only for several years of many rows each, which all but one must be moved
-- row by row (some 50,000 rows a second): make such years before loading them.
CREATE FUNCTION make_year_partitions(p_years integer[], p_action text, p_attempts integer, p_max_moved bigint)
RETURNS TABLE (partition_year integer, partition_name text, action text, rows_moved bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    c_few CONSTANT bigint := 2000;
    c_many CONSTANT bigint := 10000;
    v_swap boolean;
    v_started timestamptz := clock_timestamp();
    v_total bigint;
    v_rest bigint;
    v_years integer[];
    v_counts bigint[];
    v_todo integer[];
    v_rows bigint[];
    v_at integer;
    v_moved bigint;
    v_made integer[];
    v_made_rows bigint[];
    v_made_errors text[];
    v_error text;
BEGIN
    IF cardinality(p_years) = 0 THEN
        RETURN;
    END IF;
    -- Counted before the locks: right enough to choose by.
    SELECT count(*) INTO v_total FROM catalogo_geometrias_default;
    SELECT array_agg(wanted.y ORDER BY wanted.n, wanted.y), array_agg(wanted.n ORDER BY wanted.n, wanted.y)
    INTO v_years, v_counts
    FROM (
        SELECT years.y, count(waiting.created_at) AS n
        FROM unnest(p_years) AS years (y)
        LEFT JOIN catalogo_geometrias_default AS waiting
            ON waiting.created_at >= make_timestamptz(years.y, 1, 1, 0, 0, 0, 'UTC')
            AND waiting.created_at < make_timestamptz(years.y + 1, 1, 1, 0, 0, 0, 'UTC')
        GROUP BY years.y
    ) AS wanted;

    FOR v_attempt IN 1..p_attempts LOOP
        v_todo := v_years;
        v_rows := v_counts;
        v_rest := v_total;
        v_moved := 0;
        v_made := '{}';
        v_made_rows := '{}';
        v_made_errors := '{}';
        BEGIN
            WHILE cardinality(v_todo) > 0 LOOP
                v_at := cardinality(v_todo);
                v_swap := v_rows[v_at] > c_few AND v_rows[v_at] > v_rest - v_rows[v_at]
                    AND (v_rest - v_rows[v_at] <= c_many OR coalesce(v_rows[v_at - 1], 0) = 0);
                IF NOT v_swap THEN
                    v_at := 1;
                    EXIT WHEN v_moved > 0 AND v_moved + v_rows[v_at] > p_max_moved;
                END IF;
                BEGIN
                    v_error := NULL;
                    IF v_swap THEN
                        v_moved := v_moved + swap_default_partition(v_todo[v_at]);
                    ELSE
                        v_rows[v_at] := add_year_partition(v_todo[v_at]);
                        v_moved := v_moved + v_rows[v_at];
                    END IF;
                    v_rest := v_rest - v_rows[v_at];
                EXCEPTION
                    WHEN lock_not_available OR deadlock_detected THEN
                        RAISE;
                    WHEN OTHERS THEN
                        v_error := sqlerrm;
                END;
                v_made := v_made || v_todo[v_at];
                v_made_rows := v_made_rows || CASE WHEN v_error IS NULL THEN v_rows[v_at] ELSE 0 END;
                v_made_errors := v_made_errors || v_error;
                v_todo := v_todo[:v_at - 1] || v_todo[v_at + 1:];
                v_rows := v_rows[:v_at - 1] || v_rows[v_at + 1:];
            END LOOP;
            EXIT;
        EXCEPTION
            WHEN lock_not_available OR deadlock_detected THEN
                v_made := v_years;
                v_made_rows := array_fill(0::bigint, ARRAY[cardinality(v_years)]);
                v_made_errors := array_fill(
                    format('no lock after %s attempts: %s', v_attempt, sqlerrm), ARRAY[cardinality(v_years)]
                );
        END;
        IF v_attempt < p_attempts THEN
            PERFORM pg_sleep(0.2 + 0.2 * random());
        END IF;
    END LOOP;

    FOR partition_year, rows_moved, v_error IN
        SELECT made.y, made.n, made.e
        FROM unnest(v_made, v_made_rows, v_made_errors) AS made (y, n, e)
        ORDER BY made.y
    LOOP
        partition_name := 'catalogo_geometrias_' || to_char(partition_year, 'FM0000');
        action := CASE WHEN v_error IS NULL THEN 'created' ELSE 'failed' END;
        INSERT INTO partition_maintenance_log AS log (
            started_at, action, outcome, partition_name, range_from, range_to, rows_moved, message
        )
        SELECT
            v_started,
            p_action,
            CASE WHEN v_error IS NULL THEN 'success' ELSE 'failed' END,
            make_year_partitions.partition_name,
            make_timestamptz(partition_year, 1, 1, 0, 0, 0, 'UTC'),
            make_timestamptz(partition_year + 1, 1, 1, 0, 0, 0, 'UTC'),
            make_year_partitions.rows_moved,
            v_error
        -- A job that runs every few seconds says the same once a minute.
        WHERE p_action <> 'drain' OR v_error IS NULL OR NOT EXISTS (
            SELECT FROM partition_maintenance_log AS former
            WHERE former.started_at > v_started - interval '1 minute' AND former.action = p_action
                AND former.partition_name = make_year_partitions.partition_name AND former.message = v_error
        );
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION make_year_partitions(integer[], text, integer, bigint) IS
'Makes the partitions of these years, of which none may be there, and logs each as p_action. All in one go under the locks;
up to p_attempts times, with pauses, when they are not to be had. Stops after moving p_max_moved rows (NULL: never).
rows_moved: rows of that year that came out of DEFAULT, for the year that took DEFAULT over as counted just before.
Whoever calls it holds the advisory lock mundo.partitions';

CREATE OR REPLACE FUNCTION create_missing_year_partitions(p_first_year integer, p_last_year integer)
RETURNS TABLE (partition_year integer, partition_name text, action text, rows_moved bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    c_attempts CONSTANT integer := 40;
    v_missing integer[];
BEGIN
    IF p_first_year IS NULL OR p_last_year IS NULL OR p_first_year NOT BETWEEN 1900 AND 2200
        OR p_last_year NOT BETWEEN 1900 AND 2200 OR p_first_year > p_last_year
    THEN
        RAISE EXCEPTION 'years % to % are not a range within 1900 to 2200', p_first_year, p_last_year
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('mundo.partitions', 0));
    SELECT coalesce(array_agg(years.y), '{}') INTO v_missing
    FROM generate_series(p_first_year, p_last_year) AS years (y)
    WHERE year_partition(years.y) IS NULL;
    RETURN QUERY
    SELECT years.y, year_partition(years.y)::text, 'exists', 0::bigint
    FROM generate_series(p_first_year, p_last_year) AS years (y)
    WHERE years.y <> ALL (v_missing)
    UNION ALL
    SELECT made.* FROM make_year_partitions(v_missing, 'create', c_attempts, NULL) AS made
    ORDER BY 1;
END
$$;

COMMENT ON FUNCTION create_missing_year_partitions(integer, integer) IS
'Makes each year''s partition that is missing in the range, both years included (1900 to 2200), one run at a time.
One row per year: exists (attached, or in schema archive), created (with the rows that came out of DEFAULT) or failed; what
is made or fails is logged';
