DROP INDEX rejections_by_last;
DROP INDEX messages_by_first_seen;
DROP INDEX calls_by_first_seen;
