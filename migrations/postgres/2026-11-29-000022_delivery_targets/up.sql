-- What the first delivery of a queue is for: an agent, or the account that sends it. Workers skip targets that are busy or
-- down. Empty: not known.
ALTER TABLE delivery_queues ADD COLUMN target text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE delivery_queues ADD COLUMN organization_id text COLLATE "C" NOT NULL DEFAULT '';

-- Contains all columns by which due queues are selected, so that skipping a busy target reads only the index.
DROP INDEX delivery_queues_due;
CREATE INDEX delivery_queues_due ON delivery_queues (due_at, target, organization_id) WHERE (due_at IS NOT NULL);

-- The attempts that were made before a delivery was last replayed. They do not count as failures.
ALTER TABLE deliveries ADD COLUMN earlier_attempts bigint NOT NULL DEFAULT 0;
