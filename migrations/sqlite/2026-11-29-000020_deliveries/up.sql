-- Conversations: a phone number is the same on all channels. They never change, so processes keep their ids in memory.
CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    contact TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, sender, contact)
) STRICT, WITHOUT ROWID;

-- One row for each direction of a conversation, whose deliveries are attempted in order. A worker leases the row.
CREATE TABLE delivery_queues (
    id TEXT NOT NULL PRIMARY KEY,
    -- When the first delivery is due, or when the lease expires. NULL: nothing is left to deliver.
    due_at INTEGER DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    -- The worker that has the lease. NULL: none.
    holder TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_queues_due ON delivery_queues (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX delivery_queues_holder ON delivery_queues (holder) WHERE (holder IS NOT NULL);

-- Messages on their way to the endpoints of agents, and outgoing messages on their way to Twilio.
CREATE TABLE deliveries (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL,
    queue_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    -- The inbound message that is delivered or answered. NULL: an outgoing message answers none.
    message_sid TEXT,
    agent_id TEXT,
    state TEXT NOT NULL,
    attempts TEXT NOT NULL,
    due_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    created_at INTEGER NOT NULL,
    -- Only of outgoing messages.
    reply_key TEXT,
    from_address TEXT,
    to_address TEXT,
    body TEXT,
    media TEXT,
    send_state TEXT,
    sent_sid TEXT,
    UNIQUE (account_sid, message_sid, reply_key)
) STRICT;
CREATE INDEX deliveries_open ON deliveries (queue_id, position) WHERE state IN ('pending', 'delivering');
CREATE INDEX deliveries_newest ON deliveries (organization_id, created_at, id);
CREATE INDEX deliveries_newest_of_all ON deliveries (created_at, id);
-- For the erasure of contacts.
CREATE INDEX deliveries_to ON deliveries (to_address) WHERE (to_address IS NOT NULL);
CREATE INDEX conversations_of_contact ON conversations (contact);
CREATE INDEX deliveries_dead ON deliveries (organization_id, created_at, id) WHERE (state = 'dead');

-- The secrets that sign the deliveries to an agent's endpoint.
CREATE TABLE agent_secrets (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    -- NULL: the current secret.
    expires_at INTEGER,
    PRIMARY KEY (agent_id, number)
) STRICT, WITHOUT ROWID;

-- The endpoint that receives the agent's messages. A column of its own: the release before cannot read agents of a new
-- kind, but keeps answering their calls without this column.
ALTER TABLE agents ADD COLUMN message_webhook TEXT;
