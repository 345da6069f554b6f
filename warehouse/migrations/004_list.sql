-- What makes the list a person's own: sources beside arXiv, frames written by hand, order, questions, to-dos, changelog.

alter table record.papers add column place varchar;         -- empty: arXiv; else doi, web, file; none: no source is named yet
alter table record.papers add column url varchar;           -- of a source elsewhere

alter table record.candidates add column author varchar;    -- a person wrote it; empty: it was drafted from a paper
alter table record.candidates add column note varchar;      -- what that person said of it

alter table record.decisions add column contradicts boolean;    -- what is merged speaks against what it is merged into
alter table record.decisions add column superseded_by varchar;  -- the candidate that stands in a retired one's place

alter table record.publication_frames add column sources varchar[];     -- paper versions; empty for lists written before

create table record.arrangements (  -- where a frame stands among those of its kind and topic; the latest row counts
    frame varchar, position double, pinned boolean, section varchar, reviewer varchar, added timestamp);

create table record.entries (       -- what is on the list beside frames: questions (Q1), to-dos (T1), topics, old changes
    entry varchar, number integer, what varchar, kind varchar, text varchar, day varchar, author varchar, added timestamp);

create table record.entry_states (  -- open, answered, dropped, done; the latest row counts, and none means open
    entry varchar, state varchar, frame varchar, reason varchar, reviewer varchar, added timestamp);

create table record.entry_links (   -- a candidate speaks to a question; the latest row for the pair counts
    entry varchar, candidate varchar, speaks boolean, reviewer varchar, added timestamp);

create table record.changelog_days (    -- a day of the changelog as a person wrote it, and which changes that stands for
    day date, lines varchar[], covers varchar[], reviewer varchar, added timestamp);

create table record.imports (       -- a list that was read in
    import varchar, file varchar, sha256 varchar, frames integer, entries integer, reviewer varchar, added timestamp);

-- Questions that accepted frames raised so far get their numbers.
insert into record.entries
select 'Q' || n, n, 'question', kind, question, null, null, added
from (select *, row_number() over (order by number) as n
      from (select f.number, c.kind, c.question, f.added
            from record.frames f join record.candidates c using (candidate)
            where trim(coalesce(c.question, '')) <> ''
            qualify row_number() over (partition by lower(trim(c.question)) order by f.number) = 1));
