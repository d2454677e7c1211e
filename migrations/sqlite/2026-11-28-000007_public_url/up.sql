-- The public URL that the server runs with. Commands that write to the carrier compare theirs with it.
CREATE TABLE public_url (
    id INTEGER NOT NULL PRIMARY KEY
        CONSTRAINT public_url_single CHECK (id = 1),
    url TEXT NOT NULL
) STRICT;

-- Whether the call was simulated by an operator: it takes no capacity and is no history.
ALTER TABLE calls ADD COLUMN simulated INTEGER NOT NULL DEFAULT 0
    CONSTRAINT calls_simulated CHECK (simulated IN (0, 1));
