ALTER TABLE numbers RENAME COLUMN adopted TO taken;

ALTER TABLE rejections RENAME COLUMN near_miss_url TO remedy;
UPDATE rejections SET remedy = 'set SWITCHBOARD_PUBLIC_URL to ' || remedy WHERE remedy IS NOT NULL;
ALTER TABLE rejections RENAME COLUMN endpoint TO door;

ALTER TABLE calls ADD COLUMN rungs TEXT
    CONSTRAINT calls_rungs CHECK (json_type(rungs) = 'array');
UPDATE calls SET rungs = attempts WHERE attempts IS NOT NULL;
ALTER TABLE calls DROP COLUMN attempts;

DROP INDEX messages_by_verified_by;
DROP INDEX calls_by_verified_by;
ALTER TABLE messages RENAME COLUMN verified_by TO evidence;
ALTER TABLE calls RENAME COLUMN verified_by TO evidence;
CREATE INDEX calls_by_evidence ON calls (account_sid, evidence, decided_at) WHERE (evidence IS NOT NULL);
CREATE INDEX messages_by_evidence ON messages (account_sid, evidence, received_at) WHERE (evidence IS NOT NULL);
