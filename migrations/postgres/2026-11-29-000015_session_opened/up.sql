-- When a voice server first opened the session of the call. NULL: none did, or an earlier release recorded the call.
ALTER TABLE calls ADD COLUMN session_opened_at timestamptz;
