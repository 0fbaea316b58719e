-- Every committed change, in the order of commits: with a single writer, AUTOINCREMENT never uses a number twice.
CREATE TABLE change_log (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    collection  TEXT    NOT NULL CHECK (collection IN ('order', 'message', 'status', 'menu')),
    action      TEXT    NOT NULL CHECK (action IN ('create', 'update', 'delete')),
    record_id   INTEGER CHECK (record_id IS NOT NULL OR collection = 'menu'),
    record      TEXT    NOT NULL CHECK (json_valid(record)),
    inserted_at TEXT    NOT NULL
);

-- One random id, made with the log: it shows a client that its seq belongs to another (restored) database.
CREATE TABLE epoch (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  TEXT    NOT NULL CHECK (length(id) = 32)
);

INSERT INTO epoch (one, id)
     VALUES (1, lower(hex(randomblob(16))));

-- For "today" and other spans of time.
CREATE INDEX order_inserted_at_index ON "order" (inserted_at);

-- Finds the highest number of a day in one step, however many orders the day has.
CREATE INDEX order_day_number_index ON "order" (substr(inserted_at, 1, 10), day_id);
