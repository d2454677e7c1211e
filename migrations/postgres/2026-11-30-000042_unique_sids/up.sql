-- A message at Twilio belongs to one outgoing message: the first one that has it.
UPDATE deliveries SET sent_sid = NULL WHERE sent_sid IS NOT NULL AND EXISTS (
    SELECT 1 FROM deliveries AS d WHERE d.account_sid = deliveries.account_sid
        AND d.sent_sid = deliveries.sent_sid AND d.position < deliveries.position);
DROP INDEX deliveries_sent;
CREATE UNIQUE INDEX deliveries_sent ON deliveries (account_sid, sent_sid) WHERE (sent_sid IS NOT NULL);
