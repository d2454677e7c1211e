DROP TABLE connect_links;
ALTER TABLE accounts DROP COLUMN disconnected_at;
ALTER TABLE accounts DROP COLUMN connect_owner_sid;
ALTER TABLE accounts DROP COLUMN connect_app_sid;
