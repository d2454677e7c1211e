-- Lists of messages by a reason and a state. A message with a reason is inbound, so its state is nearly always `received`, and
-- these indexes contain nearly nothing.

CREATE INDEX messages_by_reason_and_status ON messages (organization_id, reason, status, first_seen_at) WHERE ((reason IS NOT NULL) AND (status <> 'received'));
CREATE INDEX messages_of_all_by_reason_and_status ON messages (reason, status, first_seen_at) WHERE ((reason IS NOT NULL) AND (status <> 'received'));

-- An agent, a plan and an account are of one organization, and an agent's numbers are often of one account. Without these
-- statistics, Postgres expects few rows of an agent and an account, and reads and sorts all of them for a page.
CREATE STATISTICS calls_dependencies (dependencies) ON organization_id, account_sid, agent_id, plan_id FROM calls;
CREATE STATISTICS messages_dependencies (dependencies) ON organization_id, account_sid, agent_id, plan_id FROM messages;
