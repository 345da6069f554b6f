-- What became of the papers that the list rests on since their frames were accepted.

create table record.appearances (   -- a paper was published elsewhere since arXiv first told us of it; the latest row counts
    paper varchar, journal_ref varchar, doi varchar, run varchar, added timestamp);

create table record.notices (       -- what a later version of its paper does to the evidence of a frame
    candidate varchar,              -- the accepted one
    evidence varchar,               -- the same, or one that was merged into it
    version integer, what varchar, detail varchar, run varchar, added timestamp);

create table record.rechecks (      -- the quotes of that evidence laid beside the later version
    evidence varchar, version integer, position integer, cited varchar, cited_page integer,
    text varchar, grade varchar, section varchar, form varchar, spans struct(page integer, s integer, e integer)[],
    differences struct(claimed varchar, found varchar)[], why varchar,
    nearest varchar, nearest_page integer);     -- where the quote does not hold: the passage that is most like it

alter table record.decisions add column version integer;    -- accepted as that later version of its paper has it
