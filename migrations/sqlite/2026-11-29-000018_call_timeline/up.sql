-- What happened during a call besides its decision and its attempts: skipped agents, failed attempts, and the states of
-- media streams. What is reported again changes nothing.
CREATE TABLE call_timeline (
    account_sid TEXT NOT NULL,
    call_sid TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    detail TEXT,
    PRIMARY KEY (account_sid, call_sid, kind, subject)
) STRICT, WITHOUT ROWID;

-- The SID of one of the refused requests, as it claims. NULL: it names none, or an earlier release recorded it.
ALTER TABLE rejections ADD COLUMN sample_sid TEXT;
