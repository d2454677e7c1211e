-- The rule of the routing plan that decided a message. NULL: no plan decided it.
ALTER TABLE messages ADD COLUMN plan_id TEXT;
ALTER TABLE messages ADD COLUMN plan_version INTEGER
    CONSTRAINT messages_plan_version CHECK ((plan_id IS NULL) = (plan_version IS NULL));
ALTER TABLE messages ADD COLUMN plan_rule INTEGER
    CONSTRAINT messages_plan_rule CHECK (plan_rule IS NULL OR plan_id IS NOT NULL);
