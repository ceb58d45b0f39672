-- The reference pages are generated from these comments.
BEGIN;

SELECT plan(3);

SELECT is_empty(
    $$
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        AND relowner = 'mundo_owner'::regrole AND obj_description(oid, 'pg_class') IS NULL
    $$,
    'every table and view has a comment'
);
SELECT is_empty(
    $$
    SELECT c.relname, a.attname FROM pg_attribute AS a INNER JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0
        AND NOT c.relispartition AND c.relowner = 'mundo_owner'::regrole AND NOT a.attisdropped
        AND col_description(c.oid, a.attnum) IS NULL
    $$,
    'every column has a comment'
);
SELECT is_empty(
    $$
    SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proowner = 'mundo_owner'::regrole
        AND obj_description(oid, 'pg_proc') IS NULL
    $$,
    'every function has a comment'
);

SELECT finish();

ROLLBACK;
