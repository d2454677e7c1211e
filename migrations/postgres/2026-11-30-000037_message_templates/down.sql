ALTER TABLE deliveries DROP COLUMN template;
