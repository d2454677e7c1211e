ALTER TABLE agents DROP COLUMN whatsapp_template;
