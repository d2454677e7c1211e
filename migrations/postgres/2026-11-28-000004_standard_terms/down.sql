ALTER TABLE numbers RENAME COLUMN adopted TO taken;

ALTER TABLE rejections RENAME COLUMN near_miss_url TO remedy;
UPDATE rejections SET remedy = 'set SWITCHBOARD_PUBLIC_URL to ' || remedy WHERE remedy IS NOT NULL;
ALTER TABLE rejections RENAME COLUMN endpoint TO door;

ALTER TABLE calls RENAME CONSTRAINT calls_attempts TO calls_rungs;
ALTER TABLE calls RENAME COLUMN attempts TO rungs;

ALTER INDEX messages_by_verified_by RENAME TO messages_by_evidence;
ALTER INDEX calls_by_verified_by RENAME TO calls_by_evidence;
ALTER TABLE messages RENAME COLUMN verified_by TO evidence;
ALTER TABLE calls RENAME COLUMN verified_by TO evidence;
