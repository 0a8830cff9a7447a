-- Arrays unfolded beside each other in the list of a SELECT, row by row. In its FROM
-- each array would be laid aside as a table of its own first.
INSERT INTO incidents (id, source, external_id, matter, place, original_datum, original_lng,
    original_lat, occurred_at, severity, description, media, provenance, seq)
SELECT id, source, external_id, matter, ST_SetSRID(ST_MakePoint(lng, lat), 4326),
    original_datum, original_lng, original_lat, occurred_at, severity, description,
    media::jsonb, provenance, seq
FROM (
    SELECT unnest($1::bigint[]) AS id,
        unnest($2::text[]) AS source,
        unnest($3::text[]) AS external_id,
        unnest($4::text[]) AS matter,
        unnest($5::double precision[]) AS lng,
        unnest($6::double precision[]) AS lat,
        unnest($7::text[]) AS original_datum,
        unnest($8::double precision[]) AS original_lng,
        unnest($9::double precision[]) AS original_lat,
        unnest($10::timestamptz[]) AS occurred_at,
        unnest($11::smallint[]) AS severity,
        unnest($12::text[]) AS description,
        unnest($13::text[]) AS media,
        unnest($14::text[]) AS provenance,
        unnest($15::bigint[]) AS seq
) AS new
