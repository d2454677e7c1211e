DROP INDEX deliveries_send_key;
DROP INDEX deliveries_of_queue;
DROP INDEX deliveries_sent;
DROP INDEX conversations_newest;
DROP INDEX conversations_newest_of_all;
ALTER TABLE conversations DROP COLUMN stopped_until;
