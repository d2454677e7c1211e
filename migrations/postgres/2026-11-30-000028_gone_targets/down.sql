ALTER TABLE agents DROP COLUMN gone_at;
ALTER TABLE agents DROP COLUMN gone_target;
