-- Requests to the API with an idempotency key, and their answers. Rows are deleted after a day.
CREATE TABLE idempotency_keys (
    api_key_id text COLLATE "C" NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    -- SHA-256 of the idempotency key.
    key_digest bytea NOT NULL,
    -- SHA-256 of the request.
    content_digest bytea NOT NULL,
    -- Who executes the request.
    holder text NOT NULL,
    started_at timestamptz NOT NULL,
    -- 1: it was executed.
    executed smallint NOT NULL
        CONSTRAINT idempotency_keys_executed CHECK (executed IN (0, 1)),
    -- NULL: the request is not finished, or its answer was not kept.
    sealed_answer bytea,
    PRIMARY KEY (api_key_id, key_digest)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (started_at);
CREATE INDEX idempotency_keys_of_api_key ON idempotency_keys (api_key_id, executed, started_at, key_digest);
