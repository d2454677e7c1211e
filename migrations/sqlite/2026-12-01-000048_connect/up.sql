-- How a customer connected an account by Twilio Connect; NULL for an account that was added with its token.
ALTER TABLE accounts ADD COLUMN connect_app_sid TEXT;
-- The account that owns the Connect app.
ALTER TABLE accounts ADD COLUMN connect_owner_sid TEXT;
-- When the customer deauthorized the app.
ALTER TABLE accounts ADD COLUMN disconnected_at INTEGER;
-- The links by which customers connect accounts. A row is deleted when its link is used.
CREATE TABLE connect_links (
    -- SHA-256 of the state.
    digest BLOB NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Who made the link.
    actor_kind TEXT NOT NULL,
    actor_name TEXT,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX connect_links_of_organization ON connect_links (organization_id, expires_at);
