CREATE INDEX messages_by_contact ON messages (organization_id, from_address, first_seen_at);
