DROP INDEX messages_by_evidence;
DROP INDEX calls_by_evidence;
DROP TABLE leases;

ALTER TABLE numbers
    DROP COLUMN observed_at,
    DROP COLUMN observed,
    DROP COLUMN taken,
    DROP COLUMN repair_policy;

ALTER TABLE accounts
    DROP COLUMN status,
    DROP COLUMN sealed_api_key_secret,
    DROP COLUMN api_key_sid,
    DROP COLUMN region;
