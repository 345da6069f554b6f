-- The list as it stands: every accepted frame with its source.
select frame, kind, array_to_string(topics, ', ') as topics, text, url, accepted from frames order by number;
