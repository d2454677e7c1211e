ALTER TABLE agents DROP COLUMN message_twilio;
