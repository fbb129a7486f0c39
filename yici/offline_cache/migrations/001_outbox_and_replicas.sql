-- One row a submission, for ever: after erasing it stays as a tombstone, so `sequence` never repeats.
CREATE TABLE submission (
    sequence         INTEGER PRIMARY KEY,
    submission_id    TEXT NOT NULL UNIQUE,
    item_code        TEXT NOT NULL,
    digest           TEXT NOT NULL,
    slip_code_digest TEXT NOT NULL UNIQUE,
    state            TEXT NOT NULL DEFAULT 'queued' CHECK (
        state IN ('queued', 'form_sent', 'complete', 'rejected', 'quarantined', 'erased')),
    priority         INTEGER NOT NULL DEFAULT 0,
    accepted_at_ms   INTEGER NOT NULL,
    completed_at_ms  INTEGER,
    supersedes       TEXT,
    -- the stored bytes are the sent bytes
    manifest         BLOB,
    signature        BLOB,
    form             BLOB,
    attempts         INTEGER NOT NULL DEFAULT 0,
    crashes          INTEGER NOT NULL DEFAULT 0,
    -- only good in the boot that wrote it: a clock that jumps can't freeze a record
    not_before_boot  TEXT,
    not_before_ms    INTEGER NOT NULL DEFAULT 0,
    reason           TEXT,
    refusal          TEXT,
    CHECK (state = 'erased' OR (manifest IS NOT NULL AND signature IS NOT NULL AND form IS NOT NULL))
);

CREATE INDEX submission_queued ON submission (priority, sequence) WHERE state = 'queued';
CREATE INDEX submission_form_sent ON submission (priority, sequence) WHERE state = 'form_sent';
CREATE INDEX submission_set_apart ON submission (sequence)
    WHERE state IN ('rejected', 'quarantined');
CREATE INDEX submission_complete ON submission (completed_at_ms) WHERE state = 'complete';

CREATE TABLE part (
    sequence   INTEGER NOT NULL REFERENCES submission (sequence),
    number     INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    delivered  INTEGER NOT NULL DEFAULT 0 CHECK (delivered IN (0, 1)),
    PRIMARY KEY (sequence, number)
) WITHOUT ROWID;

CREATE INDEX part_undelivered ON part (size_bytes, sequence) WHERE delivered = 0;
CREATE INDEX part_by_digest ON part (digest);

-- The platform's signed word, kept verbatim as long as the tombstone.
CREATE TABLE acknowledgement (
    submission_id TEXT PRIMARY KEY,
    case_number   TEXT NOT NULL,
    received_at   TEXT NOT NULL,
    chain_number  INTEGER NOT NULL,
    statement     BLOB NOT NULL
) WITHOUT ROWID;

CREATE INDEX acknowledgement_by_number ON acknowledgement (chain_number);

CREATE TABLE case_status (
    submission_id TEXT PRIMARY KEY,
    case_number   TEXT NOT NULL,
    state         TEXT NOT NULL,
    version       INTEGER NOT NULL,
    changed_at    TEXT NOT NULL,
    sealed_note   BLOB
) WITHOUT ROWID;

CREATE TABLE catalogue (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL,
    digest   TEXT NOT NULL,
    pack     BLOB NOT NULL
);

CREATE TABLE print_job (
    job_id      TEXT PRIMARY KEY,
    subject_id  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    copy_number INTEGER NOT NULL,
    state       TEXT NOT NULL,
    begun_order INTEGER NOT NULL UNIQUE,
    UNIQUE (subject_id, kind, copy_number)
) WITHOUT ROWID;

CREATE TABLE event (
    number   INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    name     TEXT NOT NULL,
    fields   TEXT NOT NULL,
    digest   TEXT NOT NULL
);

-- Where a conversation with the platform stands: cursor, chain head, time floor.
CREATE TABLE bookmark (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
