DROP INDEX rejections_of_all_by_refusal;
DROP INDEX messages_of_all_by_reason;
DROP INDEX calls_of_all_by_outcome;
DROP INDEX calls_of_all_by_reason;
