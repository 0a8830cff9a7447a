-- The names of reports are an agency's own: `owner` is the agency that handed one in;
-- 0 is nobody's, of a service without accounts or of a version that did not ask, and
-- such a name is taken for all. SQLite drops no bound of a table: it is made anew. A
-- version that knows nothing of owners finds names by the same index.
CREATE TABLE owned_incidents (
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
    owner          INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, external_id, owner)
) STRICT;

INSERT INTO owned_incidents (id, source, external_id, matter, lng, lat, original_datum,
    original_lng, original_lat, occurred_at, severity, description, media, provenance, seq)
SELECT id, source, external_id, matter, lng, lat, original_datum,
    original_lng, original_lat, occurred_at, severity, description, media, provenance, seq
FROM incidents;

DROP TABLE incidents;

ALTER TABLE owned_incidents RENAME TO incidents;
