-- Requests that came with a key, and what was answered. `who` and `key` name one;
-- `request` is the SHA-256 of what was asked. `done` is set in the transaction of
-- the act itself; a `status` of 0: no answer is kept.
CREATE TABLE replies (
    who        TEXT NOT NULL,
    key        TEXT NOT NULL,
    request    BLOB NOT NULL,
    begun_at   INTEGER NOT NULL,
    done       INTEGER NOT NULL DEFAULT 0,
    status     INTEGER NOT NULL DEFAULT 0,
    media_type TEXT NOT NULL DEFAULT '',
    body       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (who, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX replies_by_begin ON replies (begun_at);
