-- The frames on the list, with their sources.
select frame, kind, array_to_string(topics, ', ') as topics, text, url, accepted from frames order by number;
