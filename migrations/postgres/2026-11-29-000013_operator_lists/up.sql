-- What operators list of all organizations, newest first. A query uses the index by outcome only if its text is the same.
CREATE INDEX calls_of_all_by_reason ON calls (reason, first_seen_at);
CREATE INDEX calls_of_all_by_outcome ON calls ((CASE WHEN attempts LIKE '%"reject"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END), first_seen_at);
CREATE INDEX messages_of_all_by_reason ON messages (reason, first_seen_at);
CREATE INDEX rejections_of_all_by_refusal ON rejections (refusal, at);
