-- The agent's own parameters for its voice server: a JSON object of texts.
ALTER TABLE agents ADD COLUMN parameters TEXT NOT NULL DEFAULT '{}';

-- Attributes of ConversationRelay: a JSON object of texts.
ALTER TABLE agents ADD COLUMN relay TEXT NOT NULL DEFAULT '{}';

-- Twilio's direction of the call. NULL: recorded by an earlier release, or not known yet.
ALTER TABLE calls ADD COLUMN direction TEXT;

-- The last messages of a contact, for its next call.
CREATE INDEX messages_by_contact ON messages (organization_id, from_address, first_seen_at);
