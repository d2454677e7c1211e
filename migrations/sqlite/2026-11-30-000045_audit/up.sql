-- Who changed what in the configuration. Each entry is written in the transaction of its change, and its hash covers the hash of
-- the entry before.
CREATE TABLE audit (
    sequence INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_name TEXT,
    source TEXT,
    organization_id TEXT,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    fields_before TEXT NOT NULL,
    fields_after TEXT NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE INDEX audit_by_organization ON audit (organization_id, sequence);
CREATE INDEX audit_by_object ON audit (object_id, sequence);

-- One row: both ends of the chain.
CREATE TABLE audit_head (
    id INTEGER NOT NULL PRIMARY KEY CONSTRAINT audit_head_id CHECK (id = 1),
    newest INTEGER NOT NULL,
    hash BLOB NOT NULL,
    pruned INTEGER NOT NULL
) STRICT;

INSERT INTO audit_head (id, newest, hash, pruned) VALUES (1, 0, zeroblob(32), 0);

-- Nothing is changed, and only what retention has let go is deleted.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are neither changed nor deleted');
END;

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit WHEN OLD.sequence > (SELECT pruned FROM audit_head)
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are neither changed nor deleted');
END;
