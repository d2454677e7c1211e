-- The inserts of one acknowledged message, in one transaction, for pgbench.
\set n random(1, 9000000000000000)
\set contact random(0, :contacts - 1)
BEGIN;
INSERT INTO messages (account_sid, sid, organization_id, direction, channel, from_address, to_address, body, parameters,
    media_count, agent_id, reason, verified_by, received_at, status, status_rank, status_at, first_seen_at)
VALUES ('AC00000000000000000000000000000a01', 'SM' || lpad(to_hex(:n::bigint), 32, '0'), 'org_00000000000000000000000000',
    'inbound', 'sms', '+1212' || lpad((:contact)::text, 7, '0'), '+14155550000',
    'Is the table by the window free tonight at eight?', repeat('FromCity=SAN+FRANCISCO&', 16), 0, :agent, 'assigned',
    'primary_token', now(), 'received', 6, now(), now())
ON CONFLICT (account_sid, sid) DO NOTHING;
INSERT INTO events (id, organization_id, kind, at, account_sid, subject, direction, from_address, to_address, data)
VALUES ('evt_' || :n::text, 'org_00000000000000000000000000', 'message.received', now(), 'AC00000000000000000000000000000a01',
    'SM' || lpad(to_hex(:n::bigint), 32, '0'), 'inbound', '+1212' || lpad((:contact)::text, 7, '0'), '+14155550000',
    '{"agent_id":"' || :agent || '","channel":"sms","conversation_id":"cnv_' || lpad((:contact)::text, 26, '0')
        || '","delivery_id":"dlv_' || lpad(:n::text, 26, '0') || '","media_count":0,"message_sid":"SM'
        || lpad(to_hex(:n::bigint), 32, '0') || '","reason":"assigned"}');
INSERT INTO delivery_queues (id, target, organization_id)
VALUES ('cnv_' || :contact::text || '/in', :agent, 'org_00000000000000000000000000')
ON CONFLICT (id) DO UPDATE SET due_at = COALESCE(delivery_queues.due_at, excluded.due_at), target = excluded.target,
    organization_id = excluded.organization_id;
INSERT INTO deliveries (id, organization_id, queue_id, kind, account_sid, message_sid, agent_id, state, attempts,
    created_at, earlier_attempts)
VALUES ('dlv_' || :n::text, 'org_00000000000000000000000000', 'cnv_' || :contact::text || '/in', 'message.received',
    'AC00000000000000000000000000000a01', 'SM' || lpad(to_hex(:n::bigint), 32, '0'), :agent, 'pending', '[]', now(), 0)
ON CONFLICT DO NOTHING;
COMMIT;
