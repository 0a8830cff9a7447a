-- The names of reports are an agency's own: `owner` is the agency that handed one in;
-- 0 is nobody's, of a service without accounts or of a version that did not ask, and
-- such a name is taken for all. A version that knows nothing of owners finds names by
-- the same index.
ALTER TABLE incident_names ADD COLUMN owner integer NOT NULL DEFAULT 0;

ALTER TABLE incident_names ADD UNIQUE (source, external_id, owner);

ALTER TABLE incident_names DROP CONSTRAINT incident_names_source_external_id_key;
