-- A message that answers none is sent once for each key of its organization.
CREATE UNIQUE INDEX deliveries_send_key ON deliveries (organization_id, reply_key) WHERE (message_sid IS NULL);
