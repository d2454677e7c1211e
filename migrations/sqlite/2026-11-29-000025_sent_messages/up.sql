-- A message that answers none is sent once for each key of its organization.
CREATE UNIQUE INDEX deliveries_send_key ON deliveries (organization_id, reply_key) WHERE (message_sid IS NULL);

-- The queues of a conversation, and the delivery that sent a message.
CREATE INDEX deliveries_of_queue ON deliveries (queue_id, position);
CREATE INDEX deliveries_sent ON deliveries (account_sid, sent_sid) WHERE (sent_sid IS NOT NULL);
-- Lists of conversations, newest first.
CREATE INDEX conversations_newest ON conversations (organization_id, created_at, id);
CREATE INDEX conversations_newest_of_all ON conversations (created_at, id);

-- Until when no agent is called and no reply is sent, because two programs answered each other. NULL: never stopped.
ALTER TABLE conversations ADD COLUMN stopped_until INTEGER;
