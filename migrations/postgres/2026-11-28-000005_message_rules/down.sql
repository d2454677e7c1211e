ALTER TABLE messages
    DROP COLUMN plan_rule,
    DROP COLUMN plan_version,
    DROP COLUMN plan_id;
