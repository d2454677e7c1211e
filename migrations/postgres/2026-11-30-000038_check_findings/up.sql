-- Since when a check finds that a number differs from its desired configuration. NULL: it does not.
ALTER TABLE numbers ADD COLUMN drifting_since timestamptz;
-- Since when a check cannot read an account at Twilio. NULL: it can.
ALTER TABLE accounts ADD COLUMN unreachable_since timestamptz;
