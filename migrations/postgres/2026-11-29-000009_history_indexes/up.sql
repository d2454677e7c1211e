-- Lists that people read, newest first, of all and by each filter. The SIDs are random and in none of these indexes:
-- an index that holds them costs a page of its own for each new row.

DROP INDEX calls_by_organization;
CREATE INDEX calls_by_organization ON calls (organization_id, account_sid, first_seen_at);
CREATE INDEX calls_by_time ON calls (organization_id, first_seen_at);
CREATE INDEX calls_by_from ON calls (organization_id, from_address, first_seen_at);
CREATE INDEX calls_by_to ON calls (organization_id, to_address, first_seen_at);
CREATE INDEX calls_by_agent ON calls (organization_id, agent_id, first_seen_at);
CREATE INDEX calls_by_plan ON calls (organization_id, plan_id, first_seen_at) WHERE (plan_id IS NOT NULL);
CREATE INDEX calls_by_reason ON calls (organization_id, reason, first_seen_at);
-- The outcome of a call. A query uses this index only if its text is the same.
CREATE INDEX calls_by_outcome ON calls (organization_id, (CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END), first_seen_at);

DROP INDEX messages_by_organization;
CREATE INDEX messages_by_organization ON messages (organization_id, account_sid, first_seen_at);
CREATE INDEX messages_by_time ON messages (organization_id, first_seen_at);
CREATE INDEX messages_by_from ON messages (organization_id, from_address, first_seen_at);
CREATE INDEX messages_by_to ON messages (organization_id, to_address, first_seen_at);
CREATE INDEX messages_by_agent ON messages (organization_id, agent_id, first_seen_at);
CREATE INDEX messages_by_plan ON messages (organization_id, plan_id, first_seen_at) WHERE (plan_id IS NOT NULL);
CREATE INDEX messages_by_reason ON messages (organization_id, reason, first_seen_at);

CREATE INDEX rejections_by_time ON rejections (organization_id, at);
CREATE INDEX rejections_by_account ON rejections (organization_id, account_sid, at);
CREATE INDEX rejections_by_refusal ON rejections (organization_id, refusal, at);
