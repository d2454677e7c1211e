-- What happened during a call besides its decision and its attempts: skipped agents, failed attempts, and the states of
-- media streams. What is reported again changes nothing.
CREATE TABLE call_timeline (
    account_sid text COLLATE "C" NOT NULL,
    call_sid text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    detail text,
    PRIMARY KEY (account_sid, call_sid, kind, subject)
);

-- The SID of one of the refused requests, as it claims. NULL: it names none, or an earlier release recorded it.
ALTER TABLE rejections ADD COLUMN sample_sid text;
