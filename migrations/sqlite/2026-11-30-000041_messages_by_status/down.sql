DROP INDEX messages_by_to;
CREATE INDEX messages_by_to ON messages (organization_id, to_address, first_seen_at);

DROP INDEX messages_by_from;
CREATE INDEX messages_by_from ON messages (organization_id, from_address, first_seen_at);

DROP INDEX messages_by_plan;
CREATE INDEX messages_by_plan ON messages (organization_id, plan_id, first_seen_at) WHERE (plan_id IS NOT NULL);

DROP INDEX messages_by_agent;
CREATE INDEX messages_by_agent ON messages (organization_id, agent_id, first_seen_at, reason);

DROP INDEX messages_by_organization;
CREATE INDEX messages_by_organization ON messages (organization_id, account_sid, first_seen_at, reason);

DROP INDEX messages_of_all_by_status;
DROP INDEX messages_by_status;
