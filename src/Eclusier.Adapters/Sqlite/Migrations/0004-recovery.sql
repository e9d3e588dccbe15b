-- What an interrupted deployment needs to be finished by another agent.

ALTER TABLE deployment ADD COLUMN recoveries INTEGER NOT NULL DEFAULT 0; -- agents that died, or were killed, while it was open
ALTER TABLE deployment ADD COLUMN settled_before TEXT;                   -- of its stack, when it was begun
ALTER TABLE deployment ADD COLUMN has_baseline INTEGER NOT NULL DEFAULT 0 CHECK (has_baseline IN (0, 1));

ALTER TABLE stack ADD COLUMN boot_id TEXT; -- of the host, when the stack's containers were last known to have had their time to come up

-- both only while the deployment is open
CREATE TABLE baseline_restart (
    deployment          INTEGER NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    container           TEXT    NOT NULL,
    restarts            INTEGER NOT NULL,
    PRIMARY KEY (deployment, container)
) STRICT, WITHOUT ROWID;

CREATE TABLE baseline_probe (
    deployment          INTEGER NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    title               TEXT    NOT NULL,
    PRIMARY KEY (deployment, title)
) STRICT, WITHOUT ROWID;
