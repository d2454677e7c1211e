-- The numbers of contacts who are also known by a WhatsApp user id, and when a message last said so.
CREATE TABLE contact_links (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) STRICT;
-- Erasure of a number.
CREATE INDEX contact_links_by_number ON contact_links (phone_number);
-- Retention.
CREATE INDEX contact_links_by_time ON contact_links (linked_at);
