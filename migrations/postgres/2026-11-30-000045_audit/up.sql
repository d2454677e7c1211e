-- Who changed what in the configuration. Each entry is written in the transaction of its change, and its hash covers the hash of
-- the entry before.
CREATE TABLE audit (
    sequence bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_name text,
    source text,
    organization_id text COLLATE "C",
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    fields_before text NOT NULL,
    fields_after text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE INDEX audit_by_organization ON audit (organization_id, sequence);
CREATE INDEX audit_by_object ON audit (object_id, sequence);

-- One row: whoever records an entry locks it, and so waits for the one before to end.
CREATE TABLE audit_head (
    id integer PRIMARY KEY CONSTRAINT audit_head_id CHECK (id = 1),
    newest bigint NOT NULL,
    hash bytea NOT NULL,
    pruned bigint NOT NULL
);

INSERT INTO audit_head (id, newest, hash, pruned) VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0);

-- Nothing is changed, and only what retention has let go is deleted.
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.sequence <= (SELECT pruned FROM audit_head) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'entries of the audit log are neither changed nor deleted';
END;
$$;

CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
