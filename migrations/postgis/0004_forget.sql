-- When the oldest fix of a batch was taken, in milliseconds since 1970;
-- 9223372036854775807 if there is none in it, 0 while nobody has looked.
ALTER TABLE log ADD COLUMN oldest_fix bigint NOT NULL DEFAULT 0;

CREATE INDEX log_by_oldest_fix ON log (oldest_fix);

-- What the batch `seq` says is to be forgotten and is not gone yet: fixes in the
-- batches before it, taken before a time (in milliseconds), of one unit or (NULL) of
-- all. Those of one unit are gone up to the batch `reached`; `fixes` were found so far.
CREATE TABLE forgetting (
    seq     bigint PRIMARY KEY,
    unit    bigint,
    before  bigint NOT NULL,
    reached bigint NOT NULL,
    fixes   bigint NOT NULL
);
