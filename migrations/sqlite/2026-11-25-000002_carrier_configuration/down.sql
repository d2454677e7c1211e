DROP INDEX messages_by_evidence;
DROP INDEX calls_by_evidence;
DROP TABLE leases;

-- A column goes with the conditions that were made with it, so each goes before those that its own name.
ALTER TABLE numbers DROP COLUMN observed_at;
ALTER TABLE numbers DROP COLUMN observed;
ALTER TABLE numbers DROP COLUMN taken;
ALTER TABLE numbers DROP COLUMN repair_policy;

ALTER TABLE accounts DROP COLUMN status;
ALTER TABLE accounts DROP COLUMN sealed_api_key_secret;
ALTER TABLE accounts DROP COLUMN api_key_sid;
ALTER TABLE accounts DROP COLUMN region;
