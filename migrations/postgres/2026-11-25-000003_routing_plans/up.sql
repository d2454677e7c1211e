-- What the release before this one writes names its columns, so every new one may be empty.

-- The name is that of the newest version.
CREATE TABLE routing_plans (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL
        CONSTRAINT routing_plans_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name text NOT NULL,
    version bigint NOT NULL
        CONSTRAINT routing_plans_version CHECK (version > 0),
    CONSTRAINT routing_plans_of_organization UNIQUE (organization_id, id),
    CONSTRAINT routing_plans_name UNIQUE (organization_id, name)
);

CREATE TABLE routing_plan_versions (
    plan_id text COLLATE "C" NOT NULL
        CONSTRAINT routing_plan_versions_plan REFERENCES routing_plans (id) ON DELETE RESTRICT,
    version bigint NOT NULL
        CONSTRAINT routing_plan_versions_version CHECK (version > 0),
    name text NOT NULL,
    document text NOT NULL,
    author text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (plan_id, version)
);

-- The days as JSON.
CREATE TABLE calendars (
    organization_id text COLLATE "C" NOT NULL
        CONSTRAINT calendars_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name text COLLATE "C" NOT NULL,
    days text NOT NULL,
    PRIMARY KEY (organization_id, name)
);

CREATE TABLE number_lists (
    organization_id text COLLATE "C" NOT NULL
        CONSTRAINT number_lists_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, name)
);

CREATE TABLE number_list_entries (
    organization_id text COLLATE "C" NOT NULL,
    list_name text COLLATE "C" NOT NULL,
    phone_number text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, list_name, phone_number),
    CONSTRAINT number_list_entries_list FOREIGN KEY (organization_id, list_name)
        REFERENCES number_lists (organization_id, name) ON DELETE RESTRICT
);

ALTER TABLE agents
    ADD COLUMN capacity bigint
        CONSTRAINT agents_capacity CHECK (capacity > 0),
    ADD COLUMN hours text,
    ADD COLUMN health_url text;

-- The organization is part of these foreign keys: nothing can get a plan of another one.
ALTER TABLE organizations
    ADD COLUMN plan_id text COLLATE "C",
    ADD CONSTRAINT organizations_plan FOREIGN KEY (id, plan_id)
        REFERENCES routing_plans (organization_id, id) ON DELETE RESTRICT;
ALTER TABLE accounts
    ADD COLUMN plan_id text COLLATE "C",
    ADD CONSTRAINT accounts_plan FOREIGN KEY (organization_id, plan_id)
        REFERENCES routing_plans (organization_id, id) ON DELETE RESTRICT;
ALTER TABLE numbers
    ADD COLUMN plan_id text COLLATE "C",
    ADD CONSTRAINT numbers_plan FOREIGN KEY (organization_id, plan_id)
        REFERENCES routing_plans (organization_id, id) ON DELETE RESTRICT;

CREATE INDEX accounts_by_plan ON accounts (plan_id) WHERE (plan_id IS NOT NULL);
CREATE INDEX numbers_by_plan ON numbers (plan_id) WHERE (plan_id IS NOT NULL);

-- The rule that decided, where the caller was said to be (facts, form-encoded), and who was tried (rungs, as JSON).
ALTER TABLE calls
    ADD COLUMN plan_id text COLLATE "C",
    ADD COLUMN plan_version bigint
        CONSTRAINT calls_plan_version CHECK ((plan_id IS NULL) = (plan_version IS NULL)),
    ADD COLUMN plan_rule bigint
        CONSTRAINT calls_plan_rule CHECK (plan_rule IS NULL OR plan_id IS NOT NULL),
    ADD COLUMN facts text,
    ADD COLUMN rungs text
        CONSTRAINT calls_rungs CHECK (jsonb_typeof(rungs::jsonb) = 'array');

-- The calls that agents have, and nothing else, so it stays small. A call has ended from status 4 (canceled) on. It is
-- made in one pass over the table, for which writers wait.
CREATE INDEX calls_live ON calls (decided_at) WHERE ((agent_id IS NOT NULL) AND (connection_ended_at IS NULL) AND ((status_rank IS NULL) OR (status_rank < 4)));
