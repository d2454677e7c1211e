-- How a customer connected an account by Twilio Connect; NULL for an account that was added with its token.
ALTER TABLE accounts ADD COLUMN connect_app_sid text;
-- The account that owns the Connect app.
ALTER TABLE accounts ADD COLUMN connect_owner_sid text;
-- When the customer deauthorized the app.
ALTER TABLE accounts ADD COLUMN disconnected_at timestamptz;
-- The links by which customers connect accounts. A row is deleted when its link is used.
CREATE TABLE connect_links (
    -- SHA-256 of the state.
    digest bytea NOT NULL PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Who made the link.
    actor_kind text NOT NULL,
    actor_name text,
    expires_at timestamptz NOT NULL
);
CREATE INDEX connect_links_of_organization ON connect_links (organization_id, expires_at);
