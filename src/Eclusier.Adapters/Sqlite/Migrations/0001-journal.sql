-- Times are ISO 8601 in UTC with seven decimals: exact, readable, and their order as text is their order in time.
-- Kinds, causes, steps and results are words: rolled-back.

CREATE TABLE stack (
    name                TEXT    NOT NULL PRIMARY KEY,
    suspended_because   TEXT,
    suspended_at        TEXT,
    last_known_good     INTEGER,
    applied             INTEGER,
    highest_release     INTEGER NOT NULL DEFAULT 0, -- ever given: a number is not used again when its release is gone
    settled_key         TEXT,
    seen_ref            TEXT,
    seen_commit         TEXT,
    followed_digests    TEXT,
    followed_at         TEXT,
    last_check_at       TEXT,
    last_check_message  TEXT    NOT NULL DEFAULT '',
    next_check_at       TEXT,
    trouble_kind        TEXT,
    trouble_message     TEXT,
    trouble_since       TEXT,
    trouble_until       TEXT,
    trouble_attempts    INTEGER,
    FOREIGN KEY (name, last_known_good) REFERENCES release (stack, number), -- it may not be lost
    CHECK ((suspended_because IS NULL) = (suspended_at IS NULL)),
    CHECK ((seen_ref IS NULL) = (seen_commit IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE release (
    stack               TEXT    NOT NULL REFERENCES stack (name),
    number              INTEGER NOT NULL,
    id                  TEXT    NOT NULL,
    model_hash          TEXT    NOT NULL,
    commit_id           TEXT,
    subject             TEXT    NOT NULL,
    prepared_at         TEXT    NOT NULL,
    committed_at        TEXT,
    quarantined_at      TEXT,
    quarantine_reason   TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (stack, number),
    UNIQUE (stack, id)
) STRICT, WITHOUT ROWID;

-- release and previous are plain numbers: the history still tells them when the release is gone
CREATE TABLE deployment (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    stack               TEXT    NOT NULL REFERENCES stack (name),
    cause               TEXT    NOT NULL,
    cause_detail        TEXT    NOT NULL,
    commit_id           TEXT    NOT NULL,
    subject             TEXT    NOT NULL DEFAULT '',
    release             INTEGER,
    previous            INTEGER,
    started_at          TEXT    NOT NULL,
    ended_at            TEXT,
    result              TEXT,
    reason              TEXT    NOT NULL DEFAULT '',
    starts              INTEGER NOT NULL DEFAULT 0,
    CHECK ((result IS NULL) = (ended_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX deployment_open ON deployment (stack) WHERE result IS NULL; -- one at a time per stack
CREATE INDEX deployment_of_stack ON deployment (stack, started_at, id);
CREATE INDEX deployment_by_start ON deployment (started_at, id);

-- a step that was begun again after a restart has two rows; the first one never ended
CREATE TABLE step (
    id                  INTEGER PRIMARY KEY,
    deployment          INTEGER NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    step                TEXT    NOT NULL,
    started_at          TEXT    NOT NULL,
    ended_at            TEXT,
    succeeded           INTEGER CHECK (succeeded IN (0, 1)),
    detail              TEXT    NOT NULL DEFAULT '',
    CHECK ((ended_at IS NULL) = (succeeded IS NULL))
) STRICT;

CREATE INDEX step_of_deployment ON step (deployment, id);

CREATE TABLE evidence (
    deployment          INTEGER NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    position            INTEGER NOT NULL,
    subject             TEXT    NOT NULL,
    text                TEXT    NOT NULL,
    PRIMARY KEY (deployment, position)
) STRICT, WITHOUT ROWID;
