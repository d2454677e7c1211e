-- The handler that answers the agent's calls. A column of its own: the release before cannot read agents of a new kind, and
-- sends their calls to the default voice server without this column.
ALTER TABLE agents ADD COLUMN voice_twilio TEXT;
