-- How strictly the signatures of an account's webhooks are checked; NULL as the installation says.
ALTER TABLE accounts ADD COLUMN validation TEXT;
