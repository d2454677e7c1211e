-- The chat model that replies to the agent's messages, as JSON. A column of its own: the release before cannot read agents of a
-- new kind, but keeps answering their calls without this column.
ALTER TABLE agents ADD COLUMN message_chat text;

-- The keys of chat models.
CREATE TABLE chat_keys (
    agent_id text COLLATE "C" PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
    sealed bytea NOT NULL
);

-- The completion tokens of agents on their latest day, counted from 1970-01-01: what requests used, and what running requests
-- reserve.
CREATE TABLE chat_usage (
    agent_id text COLLATE "C" PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
    day bigint NOT NULL,
    used bigint NOT NULL,
    reserved bigint NOT NULL
);
