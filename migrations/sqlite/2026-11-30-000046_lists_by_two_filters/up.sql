-- Lists of messages by a reason and a state. A message with a reason is inbound, so its state is nearly always `received`, and
-- these indexes contain nearly nothing.

CREATE INDEX messages_by_reason_and_status ON messages (organization_id, reason, status, first_seen_at) WHERE ((reason IS NOT NULL) AND (status <> 'received'));
CREATE INDEX messages_of_all_by_reason_and_status ON messages (reason, status, first_seen_at) WHERE ((reason IS NOT NULL) AND (status <> 'received'));
