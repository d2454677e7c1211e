-- Keys of the admin API. Their secrets are not stored.
CREATE TABLE api_keys (
    id text COLLATE "C" PRIMARY KEY,
    -- NULL: an operator key.
    organization_id text COLLATE "C" REFERENCES organizations (id) ON DELETE RESTRICT,
    name text NOT NULL,
    -- Separated by commas.
    scopes text NOT NULL,
    -- Networks in CIDR notation, separated by commas. Empty: every address is accepted.
    networks text NOT NULL,
    -- SHA-256 of the secret, which has 256 random bits.
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
CREATE UNIQUE INDEX api_keys_digest ON api_keys (digest);
CREATE INDEX api_keys_of_organization ON api_keys (organization_id);
