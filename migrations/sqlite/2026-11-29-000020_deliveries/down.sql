ALTER TABLE agents DROP COLUMN message_webhook;
DROP TABLE agent_secrets;
DROP TABLE deliveries;
DROP TABLE delivery_queues;
DROP TABLE conversations;
