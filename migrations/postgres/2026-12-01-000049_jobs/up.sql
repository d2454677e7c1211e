-- Long work that a request started, and that a server executes.
CREATE TABLE jobs (
    id text COLLATE "C" PRIMARY KEY,
    -- NULL: a job over all organizations.
    organization_id text COLLATE "C" REFERENCES organizations (id) ON DELETE CASCADE,
    kind text NOT NULL,
    -- JSON.
    request text NOT NULL,
    -- Who started it.
    actor_kind text NOT NULL,
    actor_name text,
    source text,
    created_at timestamptz NOT NULL,
    state text NOT NULL,
    -- 1: somebody canceled it.
    is_canceled smallint NOT NULL
        CONSTRAINT jobs_is_canceled CHECK (is_canceled IN (0, 1)),
    -- The parts that are done, and all of them.
    done bigint NOT NULL,
    total bigint,
    -- How many servers began to execute it.
    attempts bigint NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    -- JSON.
    result text,
    error_code text,
    error_detail text,
    -- The server that executes it, and until when.
    holder text,
    leased_until timestamptz
);
CREATE INDEX jobs_by_organization ON jobs (organization_id, id);
CREATE INDEX jobs_by_state ON jobs (state, id);
CREATE INDEX jobs_by_end ON jobs (finished_at);

-- What the last check found about numbers that drift. A row counts while numbers.drifting_since is not NULL.
CREATE TABLE drifts (
    phone_number text COLLATE "C" PRIMARY KEY REFERENCES numbers (phone_number) ON DELETE CASCADE,
    -- The names of the reasons, each between commas.
    reasons text NOT NULL,
    -- JSON.
    changes text NOT NULL,
    blockers text NOT NULL,
    found_at timestamptz NOT NULL
);
CREATE INDEX numbers_drifting ON numbers (organization_id, phone_number) WHERE drifting_since IS NOT NULL;
