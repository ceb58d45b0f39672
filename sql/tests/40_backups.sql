-- Requests of backups and drills, how they end, and the facts that a restore is judged by.
BEGIN;

SELECT plan(22);

CREATE TEMPORARY TABLE asked AS SELECT request_backup('full') AS id;

SELECT is(request_backup('full'), (SELECT id FROM asked), 'what waits already is not asked for twice');
SELECT isnt(request_backup('drill'), (SELECT id FROM asked), 'another kind is another request');
SELECT throws_ok($$SELECT request_backup('monthly')$$, '23514', NULL, 'an unknown kind is refused');
SELECT results_eq('SELECT * FROM begin_backup()', 'SELECT id, ''full'' FROM asked', 'the oldest is taken first');
SELECT ok((
    SELECT age_seconds < 60 FROM v_backup_status
    WHERE backup_kind = 'full'
), 'age counts from the first request');

SELECT lives_ok(
    $$
    SELECT finish_backup(
        (SELECT id FROM asked),
        NULL,
        '[{"backup": [
            {"label": "old"},
            {"label": "new", "archive": {"start": "A", "stop": "B"}, "info": {"size": 7, "repository": {"delta": 3}}}
        ]}]'
    )
    $$,
    'a good end is noted'
);
SELECT results_eq(
    $$
    SELECT outcome, backup_label, database_bytes, repository_bytes, wal_first, wal_last, error_text
    FROM backup_log WHERE id = (SELECT id FROM asked)
    $$,
    $$VALUES ('success', 'new', 7::bigint, 3::bigint, 'A', 'B', NULL)$$,
    'with what the repository says of the newest backup'
);
SELECT is(request_backup('full') > (SELECT id FROM asked), TRUE, 'after it another can be asked for');

CREATE TEMPORARY TABLE drilled AS SELECT id FROM begin_backup();

SELECT is(finish_restore_drill(id, 'new', '{"a": "1", "b": "2"}', '{"a": "1", "b": "2"}'), 'success', 'equal facts')
FROM drilled;
SELECT is(finish_restore_drill(id, 'new', '{"a": "1", "b": "2"}', '{"a": "1", "c": "2"}'), 'failed', 'other facts')
FROM drilled;
SELECT results_eq(
    'SELECT compared, differences, error_text FROM backup_log WHERE id = (SELECT id FROM drilled)',
    $$VALUES (3, ARRAY['b', 'c'], 'the restored database differs: b, c')$$,
    'each difference is named'
);
SELECT is(finish_restore_drill(id, 'new', '{}', '{}'), 'failed', 'nothing compared is no success') FROM drilled;

SELECT is((SELECT count(*) FROM begin_backup()), 1::bigint, 'the next one is taken');
SELECT is((SELECT count(*) FROM begin_backup()), 0::bigint, 'and then none is left');
SELECT is(
    (
        SELECT error_text FROM backup_log
        ORDER BY id DESC LIMIT 1
    ),
    'the backup service was stopped',
    'one that ran when the service asks anew was cut off'
);
SELECT results_eq(
    'SELECT backup_kind, failures_since_success FROM v_backup_status ORDER BY backup_kind',
    $$VALUES ('any', 1::bigint), ('drill', 1::bigint), ('full', 1::bigint)$$,
    'failures since the last success are counted'
);

CREATE TEMPORARY TABLE wanted AS SELECT request_backup('migration') AS id;

CREATE TEMPORARY TABLE migrating AS SELECT kind FROM begin_backup();

SELECT is((SELECT kind FROM migrating), 'migration', 'a migration asks for a backup of its own kind');
SELECT lives_ok('SELECT finish_backup((SELECT id FROM wanted), NULL, ''[]'')', 'and it ends well');
SELECT is(
    (
        SELECT failures_since_success FROM v_backup_status
        WHERE backup_kind = 'any'
    ),
    0::bigint,
    'which is as good as any other'
);

CREATE TEMPORARY TABLE before AS SELECT database_facts() AS facts;

INSERT INTO catalogo (nome, tipo) VALUES ('Curral', 'LAYER');

SELECT is(
    (
        SELECT array_agg(now_is.key) FROM jsonb_each(database_facts()) AS now_is
        INNER JOIN before ON before.facts -> now_is.key IS DISTINCT FROM now_is.value
    ),
    ARRAY['rows of catalogo'],
    'a new entry is another fact, and nothing else is'
);
SELECT ok((SELECT before.facts ? 'extension postgis' FROM before), 'extensions are facts');
SELECT table_privs_are('v_backup_status', 'mundo_exporter', ARRAY['SELECT']);

SELECT finish();

ROLLBACK;
