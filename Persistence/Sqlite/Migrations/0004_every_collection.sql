-- The catalogue's collections get changes of their own (the menu is read when it is sent), and a change has the keys by
-- which filters see its record. The log starts again with a new epoch: earlier changes lack these keys.
DROP TABLE change_log;

CREATE TABLE change_log (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    collection  TEXT    NOT NULL CHECK (collection IN ('category', 'item', 'customization_key', 'customization_value',
                                                       'message', 'status', 'order')),
    action      TEXT    NOT NULL CHECK (action IN ('create', 'update', 'delete', 'day_over')),
    record_id   INTEGER NOT NULL,
    record      TEXT    NOT NULL CHECK (json_valid(record)),
    before      TEXT    CHECK (before IS NULL OR json_valid(before)),
    after       TEXT    CHECK (after IS NULL OR json_valid(after)),
    inserted_at TEXT    NOT NULL
);

UPDATE epoch
   SET id = lower(hex(randomblob(16)));

-- When the shop's current day began, UTC. It changes only in a transaction that logs the orders whose day is over, so
-- "today" is the same for every client at a seq. Empty before the first start.
CREATE TABLE order_day (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    start TEXT    NOT NULL
);

INSERT INTO order_day (one, start)
     VALUES (1, '');

-- The index was for UTC days. The next number now comes from the last order.
DROP INDEX order_day_number_index;
