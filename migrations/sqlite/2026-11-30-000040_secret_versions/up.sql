-- Which of the secrets that a column held one after another is stored in it: a replaced one does not open in its place.
ALTER TABLE accounts ADD COLUMN token_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN next_token_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN api_key_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chat_keys ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
