ALTER TABLE calls DROP COLUMN session_opened_at;
