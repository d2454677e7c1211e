-- Lists of messages by their state, alone and with another filter: the index tells which messages have both, without a look
-- at each of them.

CREATE INDEX messages_by_status ON messages (organization_id, status, first_seen_at, reason);
CREATE INDEX messages_of_all_by_status ON messages (status, first_seen_at, reason);

DROP INDEX messages_by_organization;
CREATE INDEX messages_by_organization ON messages (organization_id, account_sid, first_seen_at, reason, status);

DROP INDEX messages_by_agent;
CREATE INDEX messages_by_agent ON messages (organization_id, agent_id, first_seen_at, reason, status);

DROP INDEX messages_by_plan;
CREATE INDEX messages_by_plan ON messages (organization_id, plan_id, first_seen_at, reason, status) WHERE (plan_id IS NOT NULL);

DROP INDEX messages_by_from;
CREATE INDEX messages_by_from ON messages (organization_id, from_address, first_seen_at, status);

DROP INDEX messages_by_to;
CREATE INDEX messages_by_to ON messages (organization_id, to_address, first_seen_at, status);
