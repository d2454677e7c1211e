ALTER TABLE agents DROP COLUMN voice_twilio;
