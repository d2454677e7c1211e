ALTER TABLE deliveries DROP COLUMN earlier_attempts;
DROP INDEX delivery_queues_due;
ALTER TABLE delivery_queues DROP COLUMN organization_id;
ALTER TABLE delivery_queues DROP COLUMN target;
CREATE INDEX delivery_queues_due ON delivery_queues (due_at) WHERE (due_at IS NOT NULL);
