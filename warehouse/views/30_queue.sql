-- decisions: every decision, undo and redo, in order. `undone`: a decision that was undone, or an undo that was redone.
create or replace view decisions as
select d.decision, d.number, d.candidate, d.action, d.text, d.reason, d.merged_into, d.undoes, d.reviewer, d.added,
       d.decision in (select u.undoes from record.decisions u
                      where u.undoes is not null and u.decision not in (
                          select r.undoes from record.decisions r where r.undoes is not null)) as undone,
       d.kind, d.topics, coalesce(d.batch, d.decision) as batch, d.request, coalesce(d.contradicts, false) as contradicts,
       d.superseded_by, d.version, d.question, d.question_agreed, d.scope, d.scope_agreed
from record.decisions d;

-- quotes: the quotes of each candidate. `holds`: the passage is in the paper.
create or replace view quotes as
select q.candidate, q.position, q.text, q.grade, q.spans[1].page as page, q.section, coalesce(q.form, 'prose') as form,
       q.spans, q.differences, q.why,
       q.grade in ('exact', 'normalised', 'near') as holds
from record.quotes q;

-- candidates: every candidate with its status. `holds`: at least one of its quotes holds. `acceptable`: it holds, or a
-- person wrote it (`author`). `cited`: the version of its paper that its frame cites. `scope` and `question`: the published
-- ones of an accepted candidate, else the draft's. `scope_agreed` and `question_agreed`: empty if an earlier version of
-- Curator published the draft's and no acceptance has decided on it since. `question_dropped`: the question was dropped, so
-- it is not published. `scope_undecided`, `question_undecided`: published by an earlier version, and not decided on since.
create or replace view candidates as
with dropped as (
    select lower(trim(e.text)) as text
    from record.entries e
    join (from record.entry_states qualify row_number() over (partition by entry order by added desc, rowid desc) = 1) s
         using (entry)
    where e.what = 'question' and s.state = 'dropped'),
latest as (
    select candidate, decision, action, text as final_text, kind as final_kind, topics as final_topics, reason,
           merged_into, reviewer, added as decided, contradicts, superseded_by, version, question, question_agreed, scope,
           scope_agreed
    from decisions where action not in ('undo', 'redo') and not undone
    qualify row_number() over (partition by candidate order by number desc) = 1),
grades as (
    select candidate, count(*) as quotes, count(*) filter (where holds) as quotes_that_hold from quotes group by candidate),
told as (
select c.candidate, c.paper, c.version, p.title, coalesce(l.final_kind, c.kind) as kind,
       coalesce(l.final_text, c.text) as text, c.text as draft_text, coalesce(l.final_topics, c.topics) as topics,
       case when l.action is distinct from 'accept' then c.scope
            when coalesce(l.scope_agreed, true) then coalesce(l.scope, c.scope) end as scope,
       case when l.action is distinct from 'accept' then c.question
            when coalesce(l.question_agreed, true) then coalesce(l.question, c.question) end as question,
       case when l.action = 'merge' and t.action = 'reject' then 'pending'  -- the candidate it was merged into is rejected
            else case l.action when 'accept' then 'accepted' when 'reject' then 'rejected' when 'defer' then 'deferred'
                               when 'merge' then 'merged' else 'pending' end end as status,
       l.reason, l.merged_into, l.reviewer, l.decided, c.drafter, c.rank, c.call, c.run, c.added,
       coalesce(g.quotes_that_hold, 0) > 0 as holds, coalesce(g.quotes, 0) as quotes,
       s.score, c.kind as draft_kind, c.topics as draft_topics, l.decision, c.author, c.note,
       coalesce(l.contradicts, false) as contradicts, l.superseded_by,
       coalesce(g.quotes_that_hold, 0) > 0 or c.author is not null as acceptable, p.place, p.url,
       coalesce(l.version, c.version) as cited, c.scope as draft_scope, c.question as draft_question,
       case when l.action = 'accept' then l.scope_agreed end as scope_agreed,
       case when l.action = 'accept' then l.question_agreed end as question_agreed
from record.candidates c
left join latest l using (candidate)
left join latest t on t.candidate = l.merged_into
left join grades g using (candidate)
left join (select paper, max(score) as score from record.screenings where relevant group by paper) s on s.paper = c.paper
left join record.papers p on p.paper = c.paper and p.version = c.version),
judged as (
    select t.*, coalesce(lower(trim(t.question)) in (select d.text from dropped d), false) as question_dropped from told t)
select j.*,
       j.status = 'accepted' and j.acceptable and j.question_agreed is null and trim(coalesce(j.question, '')) <> ''
           and not j.question_dropped as question_undecided,
       j.status = 'accepted' and j.acceptable and j.scope_agreed is null and trim(coalesce(j.scope, '')) <> ''
           as scope_undecided
from judged j;

-- supports: whether a candidate's quotes support its text: the latest verdict of each checker on each wording and scope.
-- `judged`: whether the wording is the draft's, the final one or an earlier one. `current`: the candidate still has it. A
-- verdict is advice and blocks nothing.
create or replace view supports as
select s.candidate, s.verdict, s.reason, s.overreach, s.checker, s.call, s.run, s.added,
       coalesce(s.text, c.draft_text) as text,
       coalesce(s.scope, c.draft_scope, '') as scope,
       coalesce(s.text, c.draft_text) = c.text and coalesce(s.scope, c.draft_scope, '') = coalesce(c.scope, '') as current,
       case when s.text is null and s.scope is null then 'draft' when current then 'final' else 'earlier' end as judged
from record.supports s join candidates c using (candidate)
qualify row_number() over (partition by s.candidate, s.checker, s.text, s.scope order by s.added desc) = 1;

-- disagreements: candidates on which reviewers' latest decisions differ; one row for each reviewer.
create or replace view disagreements as
with latest as (
    from decisions where action not in ('undo', 'redo') and not undone
    qualify row_number() over (partition by candidate, reviewer order by number desc) = 1)
select l.candidate, l.reviewer, l.action, l.text, l.reason, l.added
from latest l
where l.candidate in (select candidate from latest group by candidate having count(distinct action) > 1)
order by l.candidate, l.added;
