-- What happened, for those who subscribe to it. A row is written in the transaction of what happened.
CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    account_sid text COLLATE "C" NOT NULL,
    -- The SID of the call or message, or the id of the delivery or agent.
    subject text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    from_address text COLLATE "C",
    to_address text COLLATE "C",
    data text NOT NULL,
    -- What can be reported repeatedly is stored once for each such key.
    once_key text COLLATE "C"
);
CREATE UNIQUE INDEX events_once ON events (once_key) WHERE (once_key IS NOT NULL);
CREATE INDEX events_newest ON events (organization_id, at, id);
CREATE INDEX events_newest_of_all ON events (at, id);
-- For the erasure of contacts.
CREATE INDEX events_from ON events (from_address) WHERE (from_address IS NOT NULL);
CREATE INDEX events_to ON events (to_address) WHERE (to_address IS NOT NULL);
