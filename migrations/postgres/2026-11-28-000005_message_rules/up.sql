-- The rule of the routing plan that decided a message. NULL: no plan decided it.
ALTER TABLE messages
    ADD COLUMN plan_id text COLLATE "C",
    ADD COLUMN plan_version bigint
        CONSTRAINT messages_plan_version CHECK ((plan_id IS NULL) = (plan_version IS NULL)),
    ADD COLUMN plan_rule bigint
        CONSTRAINT messages_plan_rule CHECK (plan_rule IS NULL OR plan_id IS NOT NULL);
