-- Requests that came with a key, and what was answered. `who` and `key` name one;
-- `request` is the SHA-256 of what was asked. `done` is set in the transaction of
-- the act itself; a `status` of 0: no answer is kept.
CREATE TABLE replies (
    who        text NOT NULL,
    key        text NOT NULL,
    request    bytea NOT NULL,
    begun_at   bigint NOT NULL,
    done       smallint NOT NULL DEFAULT 0,
    status     integer NOT NULL DEFAULT 0,
    media_type text NOT NULL DEFAULT '',
    body       text NOT NULL DEFAULT '',
    PRIMARY KEY (who, key)
);

CREATE INDEX replies_by_begin ON replies (begun_at);
