DROP INDEX deliveries_sent;
CREATE INDEX deliveries_sent ON deliveries (account_sid, sent_sid) WHERE (sent_sid IS NOT NULL);
