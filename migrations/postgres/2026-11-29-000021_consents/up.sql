-- Which contacts want messages from which numbers and senders: the last change of each. A contact without one gets messages.
CREATE TABLE consents (
    organization_id text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    contact text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    changed_at timestamptz NOT NULL,
    account_sid text COLLATE "C" NOT NULL,
    -- The message that changed it. NULL: Twilio refused a message to the contact.
    message_sid text COLLATE "C",
    PRIMARY KEY (organization_id, sender, contact)
);
