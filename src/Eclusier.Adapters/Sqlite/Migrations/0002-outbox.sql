-- What is told, written in the transaction that decides it; then one row for each notifier that is to tell it.

ALTER TABLE deployment ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN author TEXT NOT NULL DEFAULT '';

CREATE TABLE event (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    cause               TEXT    NOT NULL UNIQUE, -- deployment/12: nothing is told twice for one cause
    kind                TEXT    NOT NULL,
    stack               TEXT,
    at                  TEXT    NOT NULL,
    body                TEXT    NOT NULL -- JSON, as webhooks get it
) STRICT;

CREATE INDEX event_by_time ON event (at);

CREATE TABLE delivery (
    recipient           TEXT    NOT NULL,
    event               INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    attempts            INTEGER NOT NULL DEFAULT 0,
    due_at              TEXT    NOT NULL,
    ended_at            TEXT,
    delivered           INTEGER CHECK (delivered IN (0, 1)), -- 0: given up
    error               TEXT    NOT NULL DEFAULT '', -- of the last try
    PRIMARY KEY (recipient, event),
    CHECK ((ended_at IS NULL) = (delivered IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_of_event ON delivery (event);
CREATE INDEX delivery_outstanding ON delivery (recipient, event) WHERE ended_at IS NULL;
