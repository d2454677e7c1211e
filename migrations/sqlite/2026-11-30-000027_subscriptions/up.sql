-- Endpoints that receive the events of an organization.
CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE RESTRICT,
    url TEXT NOT NULL,
    -- Types and groups of events, separated by commas.
    types TEXT NOT NULL,
    -- Why nothing is delivered, and since when. NULL: it is enabled.
    disabled_reason TEXT,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_of_organization ON subscriptions (organization_id);

-- The secrets that sign the deliveries to a subscription.
CREATE TABLE subscription_secrets (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    -- NULL: the current secret.
    expires_at INTEGER,
    PRIMARY KEY (subscription_id, number)
) STRICT, WITHOUT ROWID;

-- Events that have no deliveries yet. A row is written in the transaction of the event, if its organization has an enabled
-- subscription, and deleted in that of the deliveries.
CREATE TABLE undistributed_events (
    position INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- Only of deliveries of events.
ALTER TABLE deliveries ADD COLUMN event_id TEXT;
ALTER TABLE deliveries ADD COLUMN event_kind TEXT;
