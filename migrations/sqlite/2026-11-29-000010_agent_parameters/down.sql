DROP INDEX messages_by_contact;
ALTER TABLE calls DROP COLUMN direction;
ALTER TABLE agents DROP COLUMN relay;
ALTER TABLE agents DROP COLUMN parameters;
