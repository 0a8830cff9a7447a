-- Incidents that have texts, by when they occurred: what is to be erased when it has
-- grown old.
CREATE INDEX incidents_with_texts ON incidents (occurred_at)
    WHERE description <> '' OR media <> '[]';
