-- Which contacts want messages from which numbers and senders: the last change of each. A contact without one gets messages.
CREATE TABLE consents (
    organization_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    contact TEXT NOT NULL,
    state TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    account_sid TEXT NOT NULL,
    -- The message that changed it. NULL: Twilio refused a message to the contact.
    message_sid TEXT,
    PRIMARY KEY (organization_id, sender, contact)
) STRICT, WITHOUT ROWID;
