-- Angles are degrees, WGS-84. Months are UTC's.

-- What holds for the whole store: its epoch, how far compaction has come, notes.
CREATE TABLE meta (
    key   text PRIMARY KEY,
    value text NOT NULL
);

-- The truth: committed batches in the order in which they are applied. `seq` has
-- no gap: it is given under the lock of the log. The first byte of `blob` says how
-- the rest is encoded (1: postcard).
CREATE TABLE log (
    seq    bigint PRIMARY KEY,
    at     timestamptz NOT NULL,
    events integer NOT NULL,
    blob   bytea NOT NULL
);

-- Dense already: compressing it costs more than it saves.
ALTER TABLE log ALTER COLUMN blob SET STORAGE EXTERNAL;

-- Beside it, written in the transaction that appends the batch `seq`. Pilin makes
-- a partition a month before the first incident of that month.
CREATE TABLE incidents (
    id             bigint NOT NULL,
    source         text NOT NULL,
    external_id    text NOT NULL,
    matter         text NOT NULL,
    place          geometry(Point, 4326) NOT NULL,
    original_datum text,
    original_lng   double precision,
    original_lat   double precision,
    occurred_at    timestamptz NOT NULL,
    severity       smallint NOT NULL,
    description    text NOT NULL,
    media          jsonb NOT NULL, -- an array
    provenance     text NOT NULL,
    seq            bigint NOT NULL,
    PRIMARY KEY (id, occurred_at)
) PARTITION BY RANGE (occurred_at);

CREATE INDEX incidents_by_place ON incidents USING gist (place);
CREATE INDEX incidents_by_time ON incidents (occurred_at);

CREATE TABLE incidents_early PARTITION OF incidents
    FOR VALUES FROM (MINVALUE) TO ('2000-01-01T00:00:00Z');
CREATE TABLE incidents_late PARTITION OF incidents
    FOR VALUES FROM ('2100-01-01T00:00:00Z') TO (MAXVALUE);

-- What is unique across partitions, and in which partition a number is.
CREATE TABLE incident_names (
    id          bigint PRIMARY KEY,
    source      text NOT NULL,
    external_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    UNIQUE (source, external_id)
);

CREATE TABLE units (
    id         bigint PRIMARY KEY,
    code       text NOT NULL UNIQUE,
    name       text NOT NULL,
    kind       text NOT NULL,
    agency     integer NOT NULL,
    provenance text NOT NULL,
    seq        bigint NOT NULL
);

-- Behind it: all that follows can be made again from the log.

-- An engine as it stood after batch `seq`, in pieces.
CREATE TABLE checkpoints (
    seq   bigint NOT NULL,
    piece integer NOT NULL,
    blob  bytea NOT NULL,
    PRIMARY KEY (seq, piece)
);

ALTER TABLE checkpoints ALTER COLUMN blob SET STORAGE EXTERNAL;

-- Every alert as it last stood (`alert`: postcard), and every step it took; a
-- batch can hold several steps of one alert, `nth` tells them apart.
CREATE TABLE alerts (
    id        bigint PRIMARY KEY,
    rule      text NOT NULL,
    state     text NOT NULL,
    place     geometry(Point, 4326) NOT NULL,
    raised_at timestamptz NOT NULL,
    ended_at  timestamptz,
    seq       bigint NOT NULL,
    nth       integer NOT NULL,
    alert     bytea NOT NULL
);

CREATE INDEX alerts_by_end ON alerts (ended_at, id);

CREATE TABLE alert_steps (
    alert  bigint NOT NULL,
    seq    bigint NOT NULL,
    nth    integer NOT NULL,
    at     timestamptz NOT NULL,
    step   text NOT NULL,
    detail bytea NOT NULL,
    PRIMARY KEY (alert, seq, nth)
);

-- Fixes of one unit that were taken within one hour (UTC, counted from 1970),
-- from one run of compaction: the one that began after batch `after`. Pilin makes
-- a partition a month here too.
CREATE TABLE tracks (
    unit  bigint NOT NULL,
    hour  bigint NOT NULL,
    after bigint NOT NULL,
    fixes bytea NOT NULL,
    PRIMARY KEY (unit, hour, after)
) PARTITION BY RANGE (hour);

-- The hours are those of 2000-01-01 and 2100-01-01.
CREATE TABLE tracks_early PARTITION OF tracks FOR VALUES FROM (MINVALUE) TO (262968);
CREATE TABLE tracks_late PARTITION OF tracks FOR VALUES FROM (1139568) TO (MAXVALUE);
