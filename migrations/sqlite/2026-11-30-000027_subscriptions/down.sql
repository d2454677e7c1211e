ALTER TABLE deliveries DROP COLUMN event_kind;
ALTER TABLE deliveries DROP COLUMN event_id;
DROP TABLE undistributed_events;
DROP TABLE subscription_secrets;
DROP TABLE subscriptions;
