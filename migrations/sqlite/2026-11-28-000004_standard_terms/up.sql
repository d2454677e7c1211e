-- Renames what earlier migrations call by other terms than the documentation. There is no release before this one.

DROP INDEX calls_by_evidence;
DROP INDEX messages_by_evidence;
ALTER TABLE calls RENAME COLUMN evidence TO verified_by;
ALTER TABLE messages RENAME COLUMN evidence TO verified_by;
CREATE INDEX calls_by_verified_by ON calls (account_sid, verified_by, decided_at) WHERE (verified_by IS NOT NULL);
CREATE INDEX messages_by_verified_by ON messages (account_sid, verified_by, received_at) WHERE (verified_by IS NOT NULL);

-- SQLite cannot rename a constraint, so the column is copied under its new name.
ALTER TABLE calls ADD COLUMN attempts TEXT
    CONSTRAINT calls_attempts CHECK (json_type(attempts) = 'array');
UPDATE calls SET attempts = rungs WHERE rungs IS NOT NULL;
ALTER TABLE calls DROP COLUMN rungs;

ALTER TABLE rejections RENAME COLUMN door TO endpoint;
-- The advice follows from the near miss, so only the public URL with which the signature fits is stored.
UPDATE rejections SET remedy = CASE
    WHEN remedy LIKE 'set SWITCHBOARD_PUBLIC_URL to %' THEN replace(remedy, 'set SWITCHBOARD_PUBLIC_URL to ', '')
END;
ALTER TABLE rejections RENAME COLUMN remedy TO near_miss_url;

ALTER TABLE numbers RENAME COLUMN taken TO adopted;
