-- The template that is sent instead of a text, with its variables, form-encoded: HX…?1=value.
ALTER TABLE deliveries ADD COLUMN template TEXT;
