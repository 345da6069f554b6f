-- notices: whether later versions of papers still support the frames on the list. `open`: a reviewer has to decide on the
-- frame again. `settled`: a reviewer has kept the frame since. Of several later versions, only the last can be open.
create or replace view notices as
with standing as (
    select candidate, action, added from decisions
    where action not in ('undo', 'redo') and not undone
      and candidate in (select candidate from record.notices union select evidence from record.notices)
    qualify row_number() over (partition by candidate order by number desc) = 1)
select n.candidate, f.frame, n.evidence, e.paper, e.version as drafted_from, n.version, n.what, n.detail, n.run, n.added,
       coalesce(n.what <> 'unchanged' and s.action = 'accept' and s.added < n.added
                and t.action in ('accept', 'merge') and t.added < n.added
                and row_number() over (partition by n.evidence order by n.version desc, n.added desc, n.rowid desc) = 1, false) as open,
       coalesce(s.action = 'accept' and s.added >= n.added, false) as settled
from record.notices n
join record.candidates e on e.candidate = n.evidence
left join record.frames f on f.candidate = n.candidate
left join standing s on s.candidate = n.candidate
left join standing t on t.candidate = n.evidence;

-- rechecks: quotes as they are cited, and the result of checking each against a later version of its paper.
create or replace view rechecks as
select r.evidence as candidate, e.paper, r.version, r.position, r.cited, r.cited_page, r.grade,
       r.grade in ('exact', 'normalised', 'near') as holds, r.text, r.spans[1].page as page, r.why, r.nearest, r.nearest_page
from record.rechecks r join record.candidates e on e.candidate = r.evidence;
