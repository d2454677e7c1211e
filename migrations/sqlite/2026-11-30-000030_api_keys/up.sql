-- Keys of the admin API. Their secrets are not stored.
CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    -- NULL: an operator key.
    organization_id TEXT REFERENCES organizations (id) ON DELETE RESTRICT,
    name TEXT NOT NULL,
    -- Separated by commas.
    scopes TEXT NOT NULL,
    -- Networks in CIDR notation, separated by commas. Empty: every address is accepted.
    networks TEXT NOT NULL,
    -- SHA-256 of the secret, which has 256 random bits.
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_keys_digest ON api_keys (digest);
CREATE INDEX api_keys_of_organization ON api_keys (organization_id);
