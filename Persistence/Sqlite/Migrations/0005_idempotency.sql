-- What requests with an Idempotency-Key, and orders with a uuid of the client's, were answered: who asks again is told
-- again. A row is written with the record it tells of, in one transaction.
CREATE TABLE idempotency (
    scope       TEXT NOT NULL,
    key         TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    body_hash   BLOB NOT NULL CHECK (length(body_hash) = 32),
    record      TEXT NOT NULL CHECK (json_valid(record)),
    inserted_at TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID;

-- What is too old is found without a look at the rest.
CREATE INDEX idempotency_inserted_at_index ON idempotency (inserted_at);
