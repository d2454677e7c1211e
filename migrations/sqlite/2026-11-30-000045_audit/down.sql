DROP TABLE audit;
DROP TABLE audit_head;
