-- Filters by agent, plan, account, address or outcome with another reason or outcome: the index tells which calls have
-- both, without a look at each of them. A query uses the outcome of an index only if its text is the same.

DROP INDEX calls_by_organization;
CREATE INDEX calls_by_organization ON calls (organization_id, account_sid, first_seen_at, reason, (CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END));

DROP INDEX calls_by_agent;
CREATE INDEX calls_by_agent ON calls (organization_id, agent_id, first_seen_at, reason, (CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END));

DROP INDEX calls_by_plan;
CREATE INDEX calls_by_plan ON calls (organization_id, plan_id, first_seen_at, reason, (CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END)) WHERE (plan_id IS NOT NULL);

DROP INDEX calls_by_outcome;
CREATE INDEX calls_by_outcome ON calls (organization_id, (CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END), first_seen_at, reason);

DROP INDEX calls_of_all_by_outcome;
CREATE INDEX calls_of_all_by_outcome ON calls ((CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END), first_seen_at, reason);

DROP INDEX calls_by_from;
CREATE INDEX calls_by_from ON calls (organization_id, from_address, first_seen_at, (CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END));

DROP INDEX calls_by_to;
CREATE INDEX calls_by_to ON calls (organization_id, to_address, first_seen_at, (CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END));

DROP INDEX messages_by_organization;
CREATE INDEX messages_by_organization ON messages (organization_id, account_sid, first_seen_at, reason);

DROP INDEX messages_by_agent;
CREATE INDEX messages_by_agent ON messages (organization_id, agent_id, first_seen_at, reason);
