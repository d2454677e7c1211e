ALTER TABLE rejections DROP COLUMN sample_sid;
DROP TABLE call_timeline;
