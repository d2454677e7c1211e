DROP TABLE chat_usage;
DROP TABLE chat_keys;
ALTER TABLE agents DROP COLUMN message_chat;
