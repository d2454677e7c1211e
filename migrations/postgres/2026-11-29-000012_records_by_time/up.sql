-- The oldest records of all organizations, which are deleted, and the newest ones, which operators list.
CREATE INDEX calls_by_first_seen ON calls (first_seen_at);
CREATE INDEX messages_by_first_seen ON messages (first_seen_at);
CREATE INDEX rejections_by_last ON rejections (at);
