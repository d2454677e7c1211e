DROP INDEX calls_live;

ALTER TABLE calls
    DROP COLUMN rungs,
    DROP COLUMN facts,
    DROP COLUMN plan_rule,
    DROP COLUMN plan_version,
    DROP COLUMN plan_id;

ALTER TABLE numbers DROP COLUMN plan_id;
ALTER TABLE accounts DROP COLUMN plan_id;
ALTER TABLE organizations DROP COLUMN plan_id;

ALTER TABLE agents
    DROP COLUMN health_url,
    DROP COLUMN hours,
    DROP COLUMN capacity;

DROP TABLE number_list_entries;
DROP TABLE number_lists;
DROP TABLE calendars;
DROP TABLE routing_plan_versions;
DROP TABLE routing_plans;
