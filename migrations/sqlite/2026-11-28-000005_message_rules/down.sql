ALTER TABLE messages DROP COLUMN plan_rule;
ALTER TABLE messages DROP COLUMN plan_version;
ALTER TABLE messages DROP COLUMN plan_id;
