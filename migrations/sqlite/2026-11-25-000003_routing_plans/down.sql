DROP INDEX calls_live;

-- A column goes with the conditions that were made with it, so each goes before those that its own name.
ALTER TABLE calls DROP COLUMN rungs;
ALTER TABLE calls DROP COLUMN facts;
ALTER TABLE calls DROP COLUMN plan_rule;
ALTER TABLE calls DROP COLUMN plan_version;
ALTER TABLE calls DROP COLUMN plan_id;

DROP INDEX numbers_by_plan;
DROP INDEX accounts_by_plan;

-- A column that a foreign key names cannot go, so the keys go first, as they came.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(
    sql,
    ', CONSTRAINT ' || name || '_plan FOREIGN KEY ('
        || CASE name WHEN 'organizations' THEN 'id' ELSE 'organization_id' END
        || ', plan_id) REFERENCES routing_plans (organization_id, id) ON DELETE RESTRICT',
    ''
)
WHERE type = 'table' AND name IN ('organizations', 'accounts', 'numbers');
PRAGMA writable_schema = RESET;

ALTER TABLE numbers DROP COLUMN plan_id;
ALTER TABLE accounts DROP COLUMN plan_id;
ALTER TABLE organizations DROP COLUMN plan_id;

ALTER TABLE agents DROP COLUMN health_url;
ALTER TABLE agents DROP COLUMN hours;
ALTER TABLE agents DROP COLUMN capacity;

DROP TABLE number_list_entries;
DROP TABLE number_lists;
DROP TABLE calendars;
DROP TABLE routing_plan_versions;
DROP TABLE routing_plans;
