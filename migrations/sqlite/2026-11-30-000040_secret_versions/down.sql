ALTER TABLE chat_keys DROP COLUMN version;
ALTER TABLE accounts DROP COLUMN api_key_version;
ALTER TABLE accounts DROP COLUMN next_token_version;
ALTER TABLE accounts DROP COLUMN token_version;
