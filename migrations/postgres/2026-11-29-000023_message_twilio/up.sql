-- The endpoint that receives the agent's messages as Twilio's form. A column of its own: the release before cannot read
-- agents of a new kind, but keeps answering their calls without this column.
ALTER TABLE agents ADD COLUMN message_twilio text;
