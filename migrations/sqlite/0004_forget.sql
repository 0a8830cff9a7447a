-- When the oldest fix of a batch was taken; 9223372036854775807 if there is none in it,
-- 0 while nobody has looked.
ALTER TABLE log ADD COLUMN oldest_fix INTEGER NOT NULL DEFAULT 0;

CREATE INDEX log_by_oldest_fix ON log (oldest_fix);

-- What the batch `seq` says is to be forgotten and is not gone yet: fixes in the
-- batches before it, taken before a time, of one unit or (NULL) of all. Those of one
-- unit are gone up to the batch `reached`; `fixes` were found so far.
CREATE TABLE forgetting (
    seq     INTEGER PRIMARY KEY,
    unit    INTEGER,
    before  INTEGER NOT NULL,
    reached INTEGER NOT NULL,
    fixes   INTEGER NOT NULL
) STRICT;
