-- Keys are compared byte by byte (COLLATE "C"), so that lists come in the same order here, in SQLite
-- and in the program.

CREATE TABLE organizations (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL
);

INSERT INTO organizations (id, name, created_at)
VALUES ('org_00000000000000000000000000', 'default', clock_timestamp());

CREATE TABLE accounts (
    sid text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL
        CONSTRAINT accounts_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name text NOT NULL,
    parent_sid text COLLATE "C",
    sealed_token bytea NOT NULL,
    sealed_next_token bytea,
    created_at timestamptz NOT NULL,
    CONSTRAINT accounts_of_organization UNIQUE (organization_id, sid)
);

CREATE TABLE agents (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL
        CONSTRAINT agents_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    external_id text COLLATE "C",
    name text NOT NULL,
    prompt text NOT NULL,
    voice text,
    model text,
    language text,
    voice_target_kind text
        CONSTRAINT agents_voice_target_kind
        CHECK (voice_target_kind IN ('stream', 'conversation_relay', 'redirect', 'dial')),
    voice_target_value text,
    message_target_kind text
        CONSTRAINT agents_message_target_kind CHECK (message_target_kind IN ('reply', 'redirect')),
    message_target_value text,
    state text NOT NULL
        CONSTRAINT agents_state CHECK (state IN ('enabled', 'disabled')),
    created_at timestamptz NOT NULL,
    CONSTRAINT agents_of_organization UNIQUE (organization_id, id),
    CONSTRAINT agents_external_id UNIQUE (organization_id, external_id),
    CONSTRAINT agents_voice_target CHECK ((voice_target_kind IS NULL) = (voice_target_value IS NULL)),
    CONSTRAINT agents_message_target CHECK ((message_target_kind IS NULL) = (message_target_value IS NULL))
);

CREATE INDEX agents_by_name ON agents (organization_id, name);

-- The organization is part of both foreign keys: no number can get an account or an agent of another one.
CREATE TABLE numbers (
    phone_number text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    account_sid text COLLATE "C" NOT NULL,
    agent_id text COLLATE "C",
    channels text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT numbers_account FOREIGN KEY (organization_id, account_sid)
        REFERENCES accounts (organization_id, sid) ON DELETE RESTRICT,
    CONSTRAINT numbers_agent FOREIGN KEY (organization_id, agent_id)
        REFERENCES agents (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT numbers_channels CHECK ((agent_id IS NULL) = (channels = ''))
);

CREATE INDEX numbers_by_account ON numbers (account_sid);
CREATE INDEX numbers_by_agent ON numbers (agent_id);

-- Calls and messages outlive the agents and accounts that they name, so they refer to none by a key.
-- Their SIDs are random, and an index that holds them costs a page of its own for each new row: the second
-- index goes without.
CREATE TABLE calls (
    account_sid text COLLATE "C" NOT NULL,
    sid text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    from_address text,
    to_address text,
    agent_id text COLLATE "C",
    reason text,
    evidence text,
    decided_at timestamptz,
    status text,
    status_rank smallint,
    status_at timestamptz,
    duration_seconds bigint,
    connection_ended_at timestamptz,
    connection_error bigint,
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (account_sid, sid),
    CONSTRAINT calls_decision
        CHECK ((decided_at IS NULL) = (reason IS NULL) AND (decided_at IS NULL) = (evidence IS NULL)),
    CONSTRAINT calls_status
        CHECK ((status IS NULL) = (status_rank IS NULL) AND (status IS NULL) = (status_at IS NULL))
);

CREATE INDEX calls_by_organization ON calls (organization_id, account_sid);

CREATE TABLE messages (
    account_sid text COLLATE "C" NOT NULL,
    sid text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    direction text NOT NULL
        CONSTRAINT messages_direction CHECK (direction IN ('inbound', 'outbound')),
    channel text,
    from_address text,
    to_address text,
    body text,
    parameters text,
    media_count integer NOT NULL,
    agent_id text COLLATE "C",
    reason text,
    evidence text,
    received_at timestamptz,
    status text NOT NULL,
    status_rank smallint NOT NULL,
    status_at timestamptz NOT NULL,
    error_code bigint,
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (account_sid, sid),
    CONSTRAINT messages_received
        CHECK ((received_at IS NULL) = (body IS NULL) AND (received_at IS NULL) = (reason IS NULL))
);

CREATE INDEX messages_by_organization ON messages (organization_id, account_sid);

CREATE TABLE rejections (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C",
    door text NOT NULL,
    refusal text NOT NULL,
    account_sid text COLLATE "C",
    near_miss text,
    remedy text,
    count bigint NOT NULL,
    at timestamptz NOT NULL
);

CREATE INDEX rejections_by_organization ON rejections (organization_id, id);

-- One row: whoever changes accounts, agents or numbers takes the next version from it, and so waits for
-- the one before to end. That is why versions are seen in the order in which they were committed.
CREATE TABLE change_counter (
    version bigint PRIMARY KEY
);

INSERT INTO change_counter (version) VALUES (0);

CREATE TABLE changes (
    version bigint PRIMARY KEY,
    subject text NOT NULL
        CONSTRAINT changes_subject CHECK (subject IN ('accounts', 'agent', 'number', 'everything')),
    key text,
    CONSTRAINT changes_key CHECK ((key IS NOT NULL) = (subject IN ('agent', 'number')))
);
