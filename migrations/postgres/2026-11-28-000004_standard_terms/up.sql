-- Renames what earlier migrations call by other terms than the documentation. There is no release before this one.

ALTER TABLE calls RENAME COLUMN evidence TO verified_by;
ALTER TABLE messages RENAME COLUMN evidence TO verified_by;
ALTER INDEX calls_by_evidence RENAME TO calls_by_verified_by;
ALTER INDEX messages_by_evidence RENAME TO messages_by_verified_by;

ALTER TABLE calls RENAME COLUMN rungs TO attempts;
ALTER TABLE calls RENAME CONSTRAINT calls_rungs TO calls_attempts;

ALTER TABLE rejections RENAME COLUMN door TO endpoint;
-- The advice follows from the near miss, so only the public URL with which the signature fits is stored.
UPDATE rejections SET remedy = CASE
    WHEN remedy LIKE 'set SWITCHBOARD_PUBLIC_URL to %' THEN replace(remedy, 'set SWITCHBOARD_PUBLIC_URL to ', '')
END;
ALTER TABLE rejections RENAME COLUMN remedy TO near_miss_url;

ALTER TABLE numbers RENAME COLUMN taken TO adopted;
