ALTER TABLE calls DROP COLUMN simulated;
DROP TABLE public_url;
