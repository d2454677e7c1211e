ALTER TABLE accounts DROP COLUMN validation;
