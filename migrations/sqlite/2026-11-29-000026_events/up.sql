-- What happened, for those who subscribe to it. A row is written in the transaction of what happened.
CREATE TABLE events (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    account_sid TEXT NOT NULL,
    -- The SID of the call or message, or the id of the delivery or agent.
    subject TEXT NOT NULL,
    direction TEXT NOT NULL,
    from_address TEXT,
    to_address TEXT,
    data TEXT NOT NULL,
    -- What can be reported repeatedly is stored once for each such key.
    once_key TEXT
) STRICT;
CREATE UNIQUE INDEX events_once ON events (once_key) WHERE (once_key IS NOT NULL);
CREATE INDEX events_newest ON events (organization_id, at, id);
CREATE INDEX events_newest_of_all ON events (at, id);
-- For the erasure of contacts.
CREATE INDEX events_from ON events (from_address) WHERE (from_address IS NOT NULL);
CREATE INDEX events_to ON events (to_address) WHERE (to_address IS NOT NULL);
