-- The chat model that replies to the agent's messages, as JSON. A column of its own: the release before cannot read agents of a
-- new kind, but keeps answering their calls without this column.
ALTER TABLE agents ADD COLUMN message_chat TEXT;

-- The keys of chat models.
CREATE TABLE chat_keys (
    agent_id TEXT PRIMARY KEY NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;

-- The completion tokens of agents on their latest day, counted from 1970-01-01: what requests used, and what running requests
-- reserve.
CREATE TABLE chat_usage (
    agent_id TEXT PRIMARY KEY NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    used INTEGER NOT NULL,
    reserved INTEGER NOT NULL
) STRICT;
