-- What the release before this one writes names its columns, so every new one may be empty.

-- The name is that of the newest version.
CREATE TABLE routing_plans (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL
        CONSTRAINT routing_plans_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name TEXT NOT NULL,
    version INTEGER NOT NULL
        CONSTRAINT routing_plans_version CHECK (version > 0),
    CONSTRAINT routing_plans_of_organization UNIQUE (organization_id, id),
    CONSTRAINT routing_plans_name UNIQUE (organization_id, name)
) STRICT;

CREATE TABLE routing_plan_versions (
    plan_id TEXT NOT NULL
        CONSTRAINT routing_plan_versions_plan REFERENCES routing_plans (id) ON DELETE RESTRICT,
    version INTEGER NOT NULL
        CONSTRAINT routing_plan_versions_version CHECK (version > 0),
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    author TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (plan_id, version)
) STRICT;

-- The days as JSON.
CREATE TABLE calendars (
    organization_id TEXT NOT NULL
        CONSTRAINT calendars_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name TEXT NOT NULL,
    days TEXT NOT NULL,
    PRIMARY KEY (organization_id, name)
) STRICT;

CREATE TABLE number_lists (
    organization_id TEXT NOT NULL
        CONSTRAINT number_lists_organization REFERENCES organizations (id) ON DELETE RESTRICT,
    name TEXT NOT NULL,
    PRIMARY KEY (organization_id, name)
) STRICT;

CREATE TABLE number_list_entries (
    organization_id TEXT NOT NULL,
    list_name TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    PRIMARY KEY (organization_id, list_name, phone_number),
    CONSTRAINT number_list_entries_list FOREIGN KEY (organization_id, list_name)
        REFERENCES number_lists (organization_id, name) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;

ALTER TABLE agents ADD COLUMN capacity INTEGER
    CONSTRAINT agents_capacity CHECK (capacity > 0);
ALTER TABLE agents ADD COLUMN hours TEXT;
ALTER TABLE agents ADD COLUMN health_url TEXT;

-- The organization is part of these foreign keys: nothing can get a plan of another one. SQLite adds no such key to a
-- table that is there, and a table that others refer to is not made anew in a transaction that holds them to it. So the
-- keys are written where SQLite keeps the texts of the tables, which it allows for what changes nothing on the disk
-- (SQLite, "ALTER TABLE: Making Other Kinds Of Table Schema Changes"), and the texts are read again.
ALTER TABLE organizations ADD COLUMN plan_id TEXT;
ALTER TABLE accounts ADD COLUMN plan_id TEXT;
ALTER TABLE numbers ADD COLUMN plan_id TEXT;

PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(
    sql,
    ', plan_id TEXT',
    ', plan_id TEXT, CONSTRAINT ' || name || '_plan FOREIGN KEY ('
        || CASE name WHEN 'organizations' THEN 'id' ELSE 'organization_id' END
        || ', plan_id) REFERENCES routing_plans (organization_id, id) ON DELETE RESTRICT'
)
WHERE type = 'table' AND name IN ('organizations', 'accounts', 'numbers');
PRAGMA writable_schema = RESET;

CREATE INDEX accounts_by_plan ON accounts (plan_id) WHERE (plan_id IS NOT NULL);
CREATE INDEX numbers_by_plan ON numbers (plan_id) WHERE (plan_id IS NOT NULL);

-- The rule that decided, where the caller was said to be (facts, form-encoded), and who was tried (rungs, as JSON).
ALTER TABLE calls ADD COLUMN plan_id TEXT;
ALTER TABLE calls ADD COLUMN plan_version INTEGER
    CONSTRAINT calls_plan_version CHECK ((plan_id IS NULL) = (plan_version IS NULL));
ALTER TABLE calls ADD COLUMN plan_rule INTEGER
    CONSTRAINT calls_plan_rule CHECK (plan_rule IS NULL OR plan_id IS NOT NULL);
ALTER TABLE calls ADD COLUMN facts TEXT;
ALTER TABLE calls ADD COLUMN rungs TEXT
    CONSTRAINT calls_rungs CHECK (json_type(rungs) = 'array');

-- The calls that agents have, and nothing else, so it stays small. A call has ended from status 4 (canceled) on. It is
-- made in one pass over the table, for which writers wait.
CREATE INDEX calls_live ON calls (decided_at) WHERE ((agent_id IS NOT NULL) AND (connection_ended_at IS NULL) AND ((status_rank IS NULL) OR (status_rank < 4)));
