-- What the review page keeps: kind and topics as the reviewer set them, decisions taken together, and unfinished edits.

alter table record.decisions add column kind varchar;
alter table record.decisions add column topics varchar[];
alter table record.decisions add column batch varchar;      -- taken together, and undone together
alter table record.decisions add column request varchar;    -- the client's token: a request sent twice is carried out once

create table record.edits (         -- what a reviewer began to write; the latest row counts, and no text ends it
    candidate varchar, reviewer varchar, text varchar, kind varchar, topics varchar[], added timestamp);
