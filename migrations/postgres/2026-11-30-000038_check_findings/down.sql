ALTER TABLE accounts DROP COLUMN unreachable_since;
ALTER TABLE numbers DROP COLUMN drifting_since;
