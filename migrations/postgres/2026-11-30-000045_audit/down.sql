DROP TABLE audit;
DROP FUNCTION keep_audit();
DROP TABLE audit_head;
