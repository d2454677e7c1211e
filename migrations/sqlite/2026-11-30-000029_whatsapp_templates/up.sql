-- The template for WhatsApp messages outside of the 24-hour window: its SID, and its variables form-encoded after a
-- question mark. NULL: such messages are not sent.
ALTER TABLE agents ADD COLUMN whatsapp_template TEXT;
