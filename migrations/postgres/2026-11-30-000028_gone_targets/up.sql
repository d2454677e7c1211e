-- The message target that answered 410, and when. It gets no messages until the agent has another one, or until both are NULL.
ALTER TABLE agents ADD COLUMN gone_target text;
ALTER TABLE agents ADD COLUMN gone_at timestamptz;
