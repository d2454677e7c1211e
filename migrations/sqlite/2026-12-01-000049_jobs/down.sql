DROP INDEX numbers_drifting;
DROP TABLE drifts;
DROP TABLE jobs;
