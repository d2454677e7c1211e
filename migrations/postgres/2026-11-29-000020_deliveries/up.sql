-- Conversations: a phone number is the same on all channels. They never change, so processes keep their ids in memory.
CREATE TABLE conversations (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    contact text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, sender, contact)
);

-- One row for each direction of a conversation, whose deliveries are attempted in order. A worker leases the row.
CREATE TABLE delivery_queues (
    id text COLLATE "C" PRIMARY KEY,
    -- When the first delivery is due, or when the lease expires. NULL: nothing is left to deliver.
    due_at timestamptz DEFAULT clock_timestamp(),
    -- The worker that has the lease. NULL: none.
    holder text COLLATE "C"
);
CREATE INDEX delivery_queues_due ON delivery_queues (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX delivery_queues_holder ON delivery_queues (holder) WHERE (holder IS NOT NULL);

-- Messages on their way to the endpoints of agents, and outgoing messages on their way to Twilio.
CREATE TABLE deliveries (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    organization_id text COLLATE "C" NOT NULL,
    queue_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    account_sid text COLLATE "C" NOT NULL,
    -- The inbound message that is delivered or answered. NULL: an outgoing message answers none.
    message_sid text COLLATE "C",
    agent_id text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    attempts text NOT NULL,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at timestamptz NOT NULL,
    -- Only of outgoing messages.
    reply_key text COLLATE "C",
    from_address text COLLATE "C",
    to_address text COLLATE "C",
    body text,
    media text,
    send_state text COLLATE "C",
    sent_sid text COLLATE "C",
    UNIQUE (account_sid, message_sid, reply_key)
);
CREATE INDEX deliveries_open ON deliveries (queue_id, position) WHERE state IN ('pending', 'delivering');
CREATE INDEX deliveries_newest ON deliveries (organization_id, created_at, id);
CREATE INDEX deliveries_newest_of_all ON deliveries (created_at, id);
-- For the erasure of contacts.
CREATE INDEX deliveries_to ON deliveries (to_address) WHERE (to_address IS NOT NULL);
CREATE INDEX conversations_of_contact ON conversations (contact);
CREATE INDEX deliveries_dead ON deliveries (organization_id, created_at, id) WHERE (state = 'dead');

-- The secrets that sign the deliveries to an agent's endpoint.
CREATE TABLE agent_secrets (
    agent_id text COLLATE "C" NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    sealed bytea NOT NULL,
    -- NULL: the current secret.
    expires_at timestamptz,
    PRIMARY KEY (agent_id, number)
);

-- The endpoint that receives the agent's messages. A column of its own: the release before cannot read agents of a new
-- kind, but keeps answering their calls without this column.
ALTER TABLE agents ADD COLUMN message_webhook text;
