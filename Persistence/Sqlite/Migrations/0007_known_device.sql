-- Browsers from which users have signed in: other clients' wrong passwords do not lock these out. Only the token's hash
-- is stored: reading the file makes no client known. A token stands for a browser, which several users may share.
CREATE TABLE known_device (
    token_hash       BLOB    NOT NULL CHECK (length(token_hash) = 32),
    user_id          INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Whether the user has signed in again on it. A program that keeps no cookies leaves devices that never return.
    has_returned     INTEGER NOT NULL CHECK (has_returned IN (0, 1)),
    -- Whether the user's password was changed after the last sign-in.
    has_old_password INTEGER NOT NULL CHECK (has_old_password IN (0, 1)),
    used_at          TEXT    NOT NULL,
    PRIMARY KEY (token_hash, user_id)
) WITHOUT ROWID;

CREATE INDEX known_device_user_id_index ON known_device (user_id);

CREATE INDEX known_device_used_at_index ON known_device (used_at);

-- Every sign-in deletes the expired sessions, and must not read the others for that.
CREATE INDEX session_expires_at_index ON session (expires_at);
