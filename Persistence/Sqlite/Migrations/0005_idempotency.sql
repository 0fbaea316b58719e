-- The answers to requests with an Idempotency-Key and to orders with a client's uuid: a retried request gets the same
-- answer. A row is written in the same transaction as its record.
CREATE TABLE idempotency (
    scope       TEXT NOT NULL,
    key         TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    body_hash   BLOB NOT NULL CHECK (length(body_hash) = 32),
    record      TEXT NOT NULL CHECK (json_valid(record)),
    inserted_at TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID;

-- Finds expired rows without reading the others.
CREATE INDEX idempotency_inserted_at_index ON idempotency (inserted_at);
