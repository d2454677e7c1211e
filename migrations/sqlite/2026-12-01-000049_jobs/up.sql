-- Long work that a request started, and that a server executes.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    -- NULL: a job over all organizations.
    organization_id TEXT REFERENCES organizations (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- JSON.
    request TEXT NOT NULL,
    -- Who started it.
    actor_kind TEXT NOT NULL,
    actor_name TEXT,
    source TEXT,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- 1: somebody canceled it.
    is_canceled INTEGER NOT NULL
        CONSTRAINT jobs_is_canceled CHECK (is_canceled IN (0, 1)),
    -- The parts that are done, and all of them.
    done INTEGER NOT NULL,
    total INTEGER,
    -- How many servers began to execute it.
    attempts INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    -- JSON.
    result TEXT,
    error_code TEXT,
    error_detail TEXT,
    -- The server that executes it, and until when.
    holder TEXT,
    leased_until INTEGER
) STRICT;
CREATE INDEX jobs_by_organization ON jobs (organization_id, id);
CREATE INDEX jobs_by_state ON jobs (state, id);
CREATE INDEX jobs_by_end ON jobs (finished_at);

-- What the last check found about numbers that drift. A row counts while numbers.drifting_since is not NULL.
CREATE TABLE drifts (
    phone_number TEXT NOT NULL PRIMARY KEY REFERENCES numbers (phone_number) ON DELETE CASCADE,
    -- The names of the reasons, each between commas.
    reasons TEXT NOT NULL,
    -- JSON.
    changes TEXT NOT NULL,
    blockers TEXT NOT NULL,
    found_at INTEGER NOT NULL
) STRICT;
CREATE INDEX numbers_drifting ON numbers (organization_id, phone_number) WHERE (drifting_since IS NOT NULL);
