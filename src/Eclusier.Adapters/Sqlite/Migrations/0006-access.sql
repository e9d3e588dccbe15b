-- Who may ask over the network, and what was asked by whom.

CREATE TABLE token (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT, -- a session remembers it: not used again when the token is gone
    name                TEXT    NOT NULL UNIQUE,
    role                TEXT    NOT NULL,
    hash                TEXT    NOT NULL UNIQUE, -- SHA-256 of its text, which is kept nowhere
    created_at          TEXT    NOT NULL,
    expires_at          TEXT,
    last_used_at        TEXT
) STRICT;

-- written before it is done; what became of it afterwards
CREATE TABLE audit (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    at                  TEXT    NOT NULL,
    who                 TEXT    NOT NULL,
    role                TEXT    NOT NULL,
    origin              TEXT    NOT NULL, -- an address, socket, local
    action              TEXT    NOT NULL,
    stack               TEXT,
    detail              TEXT    NOT NULL DEFAULT '',
    reason              TEXT    NOT NULL DEFAULT '',
    ended_at            TEXT,
    result              TEXT,
    CHECK ((ended_at IS NULL) = (result IS NULL))
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
