-- Times are whole milliseconds of UTC since 1970; angles are degrees, WGS-84.

-- What holds for the whole store: its epoch, how far compaction has come, notes.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The truth: committed batches in the order in which they are applied. The
-- first byte of `blob` says how the rest is encoded (1: postcard).
CREATE TABLE log (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    events INTEGER NOT NULL,
    blob   BLOB NOT NULL
) STRICT;

-- Beside it, written in the transaction that appends the batch `seq`.
CREATE TABLE incidents (
    id             INTEGER PRIMARY KEY,
    source         TEXT NOT NULL,
    external_id    TEXT NOT NULL,
    matter         TEXT NOT NULL,
    lng            REAL NOT NULL,
    lat            REAL NOT NULL,
    original_datum TEXT,
    original_lng   REAL,
    original_lat   REAL,
    occurred_at    INTEGER NOT NULL,
    severity       INTEGER NOT NULL,
    description    TEXT NOT NULL,
    media          TEXT NOT NULL, -- a JSON array
    provenance     TEXT NOT NULL,
    seq            INTEGER NOT NULL,
    UNIQUE (source, external_id)
) STRICT;

CREATE TABLE units (
    id         INTEGER PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    agency     INTEGER NOT NULL,
    provenance TEXT NOT NULL,
    seq        INTEGER NOT NULL
) STRICT;

-- Behind it: all that follows can be made again from the log.

-- An engine as it stood after batch `seq`; there when its row in `checkpoints`
-- is, with all its pieces.
CREATE TABLE checkpoints (
    seq    INTEGER PRIMARY KEY,
    pieces INTEGER NOT NULL
) STRICT;

CREATE TABLE checkpoint_pieces (
    seq   INTEGER NOT NULL,
    piece INTEGER NOT NULL,
    blob  BLOB NOT NULL,
    PRIMARY KEY (seq, piece)
) STRICT;

-- Every alert as it last stood (`alert`: postcard), and every step it took; a
-- batch can hold several steps of one alert, `nth` tells them apart.
CREATE TABLE alerts (
    id        INTEGER PRIMARY KEY,
    rule      TEXT NOT NULL,
    state     TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    ended_at  INTEGER,
    seq       INTEGER NOT NULL,
    nth       INTEGER NOT NULL,
    alert     BLOB NOT NULL
) STRICT;

CREATE INDEX alerts_by_end ON alerts (ended_at);

CREATE TABLE alert_steps (
    alert  INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    nth    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    step   TEXT NOT NULL,
    detail BLOB NOT NULL,
    PRIMARY KEY (alert, seq, nth)
) STRICT;

-- Fixes of one unit that were taken within one hour (UTC, counted from 1970),
-- from one run of compaction: the one that began after batch `after`.
CREATE TABLE tracks (
    unit  INTEGER NOT NULL,
    hour  INTEGER NOT NULL,
    after INTEGER NOT NULL,
    fixes BLOB NOT NULL,
    PRIMARY KEY (unit, hour, after)
) STRICT;
