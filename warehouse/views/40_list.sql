-- frames: the frames on the list: accepted candidates with their permanent numbers and their positions. `scope` and
-- `question`: the published ones; a question that was dropped is not published.
create or replace view frames as
with known as (from candidates)
select f.frame, f.number, c.candidate, c.text, c.draft_text, c.kind, c.topics, c.paper, c.cited as version, c.version as drafted_from, coalesce(v.title, c.title) as title, c.scope,
       case when not c.question_dropped then c.question end as question,
       c.drafter, c.reviewer, c.decided as accepted,
       exists (from record.publication_frames pf
               where pf.frame = f.frame and pf.publication = (select max(publication) from record.publications)) as published,
       case when c.place is null then 'https://arxiv.org/abs/' || c.paper || 'v' || c.cited
            when c.place = 'doi' then 'https://doi.org/' || substr(c.paper, 5) else c.url end as url,
       c.author, coalesce(a.pinned, false) as pinned, a.section, coalesce(a.position, f.number) as position,
       c.place is not distinct from 'none' and c.candidate not in (
           select m.merged_into from known m
           where m.status = 'merged' and m.place is distinct from 'none' and m.merged_into is not null) as source_wanted,
       c.scope_agreed, c.question_agreed, c.scope_undecided, c.question_undecided
from record.frames f join known c using (candidate)
left join (from record.arrangements qualify row_number() over (partition by frame order by added desc, rowid desc) = 1) a
       on a.frame = f.frame
left join record.papers v on v.paper = c.paper and v.version = c.cited
where c.status = 'accepted' and c.acceptable;

-- retired: frames that have left the list, with the reason and the frame that replaces each; their numbers are never
-- reused. A frame that was never published and whose acceptance was undone is left out. `text`: the text published last, or
-- else the accepted text; never a draft's.
create or replace view retired as
with known as (  -- frames that were ever published, or that have an acceptance which was not undone
    select f.frame, f.candidate from record.frames f
    where f.frame in (select p.frame from record.publication_frames p)
       or f.candidate in (select d.candidate from decisions d where d.action = 'accept' and not d.undone)),
printed as (select frame, arg_max(text, publication) as text from record.publication_frames group by frame),
accepted as (
    select d.candidate, arg_max(coalesce(d.text, c.text), d.number) as text
    from decisions d join record.candidates c using (candidate)
    where d.action = 'accept' and not d.undone group by d.candidate)
select f.frame, f.number, c.candidate, coalesce(p.text, a.text, '') as text, c.kind, c.status, c.reason, s.frame as superseded_by, c.reviewer,
       coalesce(c.decided, (select max(d.added) from record.decisions d where d.candidate = c.candidate)) as retired
from record.frames f join candidates c using (candidate)
left join printed p on p.frame = f.frame
left join accepted a on a.candidate = f.candidate
left join known s
       on s.candidate = coalesce(c.superseded_by, case when c.status = 'merged' then c.merged_into end)
where (c.status <> 'accepted' or not c.acceptable) and f.frame in (select k.frame from known k);

-- sources: sources that are not on arXiv. `place`: doi, web or file; none while a frame has no source yet.
create or replace view sources as
select p.paper as source, p.place, p.title, p.authors, p.published, p.doi, p.url, p.added
from record.papers p where p.place is not null;

-- entries: the list's entries besides frames: questions, to-dos, topics and old changelog lines. `withdrawn`: every import
-- that added it was undone. `lasting`: no undo removes it. `author`: the person who added it; empty if only frames raise it.
create or replace view entries as
with put as (
    select o.*, o.rowid as place, s.batch is null as lasting, coalesce(s.undone, false) as undone
    from record.entry_batches o left join (
        select i.batch, i.step in (select u.undoes from record.entry_steps u
                                   where u.undoes is not null and u.step not in (
                                       select r.undoes from record.entry_steps r where r.undoes is not null)) as undone
        from record.entry_steps i where i.action = 'import') s using (batch)),
standing as (from put where not undone qualify row_number() over (partition by entry order by added, place) = 1)
select e.entry, e.number, e.what, coalesce(s.kind, e.kind) as kind, coalesce(s.text, e.text) as text, e.day,
       case when b.entry is null then e.author else s.author end as author, e.added,
       b.entry is not null and s.entry is null as withdrawn,
       case when b.entry is null then e.author is not null else b.lasting end as lasting
from record.entries e
left join (select entry, bool_or(lasting) as lasting from put group by entry) b using (entry)
left join standing s using (entry);

-- questions: open questions, and those that were answered or dropped. `raised_by`: frames on the list that raise it.
-- `spoken_to_by`: frames on the list that address it. `text`: in the words of the person who added it, or else in those in
-- which the first frame that raises it was accepted.
create or replace view questions as
with latest as (from record.entry_states qualify row_number() over (partition by entry order by added desc, rowid desc) = 1),
links as (from record.entry_links qualify row_number() over (partition by entry, candidate order by added desc, rowid desc) = 1),
listed as (
    select f.frame, f.number, f.candidate, c.kind, c.question, c.question_agreed
    from record.frames f join candidates c using (candidate) where c.status = 'accepted' and c.acceptable),
raised as (
    select lower(trim(question)) as text, list(frame order by number) as frames, arg_min(kind, number) as kind,
           trim(coalesce(arg_min(question, number) filter (where question_agreed), arg_min(question, number))) as words
    from listed where trim(coalesce(question, '')) <> '' group by all),
spoken as (
    select l.entry, list(f.frame order by f.number) as frames
    from links l join listed f using (candidate) where l.speaks group by all)
select e.entry as question, e.number, coalesce(r.kind, e.kind) as kind,
       case when e.author is null then coalesce(r.words, e.text) else e.text end as text, coalesce(l.state, 'open') as state,
       l.frame as answered_by, l.reason, coalesce(r.frames, []) as raised_by, coalesce(s.frames, []) as spoken_to_by,
       e.author, e.added
from entries e
left join latest l using (entry)
left join raised r on r.text = lower(trim(e.text))
left join spoken s using (entry)
where e.what = 'question' and (not e.withdrawn or r.frames is not null);

-- todos: work that a person plans to do for the list. `state`: open, done or dropped.
create or replace view todos as
select e.entry as todo, e.number, e.kind, e.text, coalesce(l.state, 'open') as state, e.author, e.added
from entries e
left join (from record.entry_states qualify row_number() over (partition by entry order by added desc, rowid desc) = 1) l
       using (entry)
where e.what = 'todo' and not e.withdrawn;

-- publications: each publication of the list, with the number of its frames.
create or replace view publications as
select p.publication, p.file, p.sha256, p.added,
       (select count(*) from record.publication_frames f where f.publication = p.publication) as frames
from record.publications p;
