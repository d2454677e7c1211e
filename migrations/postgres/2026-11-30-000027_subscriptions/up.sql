-- Endpoints that receive the events of an organization.
CREATE TABLE subscriptions (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE RESTRICT,
    url text NOT NULL,
    -- Types and groups of events, separated by commas.
    types text NOT NULL,
    -- Why nothing is delivered, and since when. NULL: it is enabled.
    disabled_reason text COLLATE "C",
    disabled_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX subscriptions_of_organization ON subscriptions (organization_id);

-- The secrets that sign the deliveries to a subscription.
CREATE TABLE subscription_secrets (
    subscription_id text COLLATE "C" NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    sealed bytea NOT NULL,
    -- NULL: the current secret.
    expires_at timestamptz,
    PRIMARY KEY (subscription_id, number)
);

-- Events that have no deliveries yet. A row is written in the transaction of the event, if its organization has an enabled
-- subscription, and deleted in that of the deliveries.
CREATE TABLE undistributed_events (
    position bigint PRIMARY KEY
);

-- Only of deliveries of events.
ALTER TABLE deliveries ADD COLUMN event_id text COLLATE "C";
ALTER TABLE deliveries ADD COLUMN event_kind text COLLATE "C";
