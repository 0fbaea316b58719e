-- The sessions of signed-in users. Only the token's hash is stored: reading the file gives nobody a session.
CREATE TABLE session (
    token_hash  BLOB    PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at  TEXT    NOT NULL,
    inserted_at TEXT    NOT NULL
) WITHOUT ROWID;

CREATE INDEX session_user_id_index ON session (user_id);
