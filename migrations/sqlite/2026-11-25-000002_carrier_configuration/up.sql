-- What the release before this one writes names its columns, so every new one has a default or may be empty.

ALTER TABLE accounts ADD COLUMN region TEXT NOT NULL DEFAULT 'us1'
    CONSTRAINT accounts_region CHECK (region IN ('us1', 'ie1', 'au1'));
ALTER TABLE accounts ADD COLUMN api_key_sid TEXT;
ALTER TABLE accounts ADD COLUMN sealed_api_key_secret BLOB
    CONSTRAINT accounts_api_key CHECK ((api_key_sid IS NULL) = (sealed_api_key_secret IS NULL));
ALTER TABLE accounts ADD COLUMN status TEXT NOT NULL DEFAULT 'active'
    CONSTRAINT accounts_status CHECK (status IN ('active', 'suspended', 'closed'));

-- What was there before us and what we wrote (taken), and what was seen last (observed), as JSON.
ALTER TABLE numbers ADD COLUMN repair_policy TEXT NOT NULL DEFAULT 'manual'
    CONSTRAINT numbers_repair_policy CHECK (repair_policy IN ('manual', 'automatic'));
ALTER TABLE numbers ADD COLUMN taken TEXT;
ALTER TABLE numbers ADD COLUMN observed TEXT;
ALTER TABLE numbers ADD COLUMN observed_at INTEGER
    CONSTRAINT numbers_observed CHECK ((observed IS NULL) = (observed_at IS NULL));

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- When an account's requests were last verified by which token. Without the random SIDs, rows that come one
-- after the other lie one behind the other, so that keeping these indexes costs few pages. They are made in one
-- pass over each table, for which writers wait.
CREATE INDEX calls_by_evidence ON calls (account_sid, evidence, decided_at) WHERE (evidence IS NOT NULL);
CREATE INDEX messages_by_evidence ON messages (account_sid, evidence, received_at) WHERE (evidence IS NOT NULL);
