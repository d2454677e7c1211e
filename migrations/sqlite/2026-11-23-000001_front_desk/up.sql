-- Instants are whole microseconds since the Unix epoch, so that they sort and compare as numbers.

CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO organizations (id, name, created_at)
VALUES ('org_00000000000000000000000000', 'default', unixepoch() * 1000000);

CREATE TABLE accounts (
    sid TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL
        CONSTRAINT accounts_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name TEXT NOT NULL,
    parent_sid TEXT,
    sealed_token BLOB NOT NULL,
    sealed_next_token BLOB,
    created_at INTEGER NOT NULL,
    CONSTRAINT accounts_of_organization UNIQUE (organization_id, sid)
) STRICT;

CREATE TABLE agents (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL
        CONSTRAINT agents_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    external_id TEXT,
    name TEXT NOT NULL,
    prompt TEXT NOT NULL,
    voice TEXT,
    model TEXT,
    language TEXT,
    voice_target_kind TEXT
        CONSTRAINT agents_voice_target_kind
        CHECK (voice_target_kind IN ('stream', 'conversation_relay', 'redirect', 'dial')),
    voice_target_value TEXT,
    message_target_kind TEXT
        CONSTRAINT agents_message_target_kind CHECK (message_target_kind IN ('reply', 'redirect')),
    message_target_value TEXT,
    state TEXT NOT NULL
        CONSTRAINT agents_state CHECK (state IN ('enabled', 'disabled')),
    created_at INTEGER NOT NULL,
    CONSTRAINT agents_of_organization UNIQUE (organization_id, id),
    CONSTRAINT agents_external_id UNIQUE (organization_id, external_id),
    CONSTRAINT agents_voice_target CHECK ((voice_target_kind IS NULL) = (voice_target_value IS NULL)),
    CONSTRAINT agents_message_target CHECK ((message_target_kind IS NULL) = (message_target_value IS NULL))
) STRICT;

CREATE INDEX agents_by_name ON agents (organization_id, name);

-- The organization is part of both foreign keys: no number can get an account or an agent of another one.
CREATE TABLE numbers (
    phone_number TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    agent_id TEXT,
    channels TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT numbers_account FOREIGN KEY (organization_id, account_sid)
        REFERENCES accounts (organization_id, sid) ON DELETE RESTRICT,
    CONSTRAINT numbers_agent FOREIGN KEY (organization_id, agent_id)
        REFERENCES agents (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT numbers_channels CHECK ((agent_id IS NULL) = (channels = ''))
) STRICT;

CREATE INDEX numbers_by_account ON numbers (account_sid);
CREATE INDEX numbers_by_agent ON numbers (agent_id);

-- Calls and messages outlive the agents and accounts that they name, so they refer to none by a key.
-- Their SIDs are random, and an index that holds them costs a page of its own for each new row: the second
-- index goes without.
CREATE TABLE calls (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    from_address TEXT,
    to_address TEXT,
    agent_id TEXT,
    reason TEXT,
    evidence TEXT,
    decided_at INTEGER,
    status TEXT,
    status_rank INTEGER,
    status_at INTEGER,
    duration_seconds INTEGER,
    connection_ended_at INTEGER,
    connection_error INTEGER,
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (account_sid, sid),
    CONSTRAINT calls_decision
        CHECK ((decided_at IS NULL) = (reason IS NULL) AND (decided_at IS NULL) = (evidence IS NULL)),
    CONSTRAINT calls_status
        CHECK ((status IS NULL) = (status_rank IS NULL) AND (status IS NULL) = (status_at IS NULL))
) STRICT;

CREATE INDEX calls_by_organization ON calls (organization_id, account_sid);

CREATE TABLE messages (
    account_sid TEXT NOT NULL,
    sid TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    direction TEXT NOT NULL
        CONSTRAINT messages_direction CHECK (direction IN ('inbound', 'outbound')),
    channel TEXT,
    from_address TEXT,
    to_address TEXT,
    body TEXT,
    parameters TEXT,
    media_count INTEGER NOT NULL,
    agent_id TEXT,
    reason TEXT,
    evidence TEXT,
    received_at INTEGER,
    status TEXT NOT NULL,
    status_rank INTEGER NOT NULL,
    status_at INTEGER NOT NULL,
    error_code INTEGER,
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (account_sid, sid),
    CONSTRAINT messages_received
        CHECK ((received_at IS NULL) = (body IS NULL) AND (received_at IS NULL) = (reason IS NULL))
) STRICT;

CREATE INDEX messages_by_organization ON messages (organization_id, account_sid);

CREATE TABLE rejections (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT,
    door TEXT NOT NULL,
    refusal TEXT NOT NULL,
    account_sid TEXT,
    near_miss TEXT,
    remedy TEXT,
    count INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX rejections_by_organization ON rejections (organization_id, id);

-- One row: whoever changes accounts, agents or numbers takes the next version from it, and so waits for
-- the one before to end. That is why versions are seen in the order in which they were committed.
CREATE TABLE change_counter (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO change_counter (version) VALUES (0);

CREATE TABLE changes (
    version INTEGER NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL
        CONSTRAINT changes_subject CHECK (subject IN ('accounts', 'agent', 'number', 'everything')),
    key TEXT,
    CONSTRAINT changes_key CHECK ((key IS NOT NULL) = (subject IN ('agent', 'number')))
) STRICT;
