-- calls: every model call, with the `messages` that the model received and its `reply`. `estimated`: the endpoint did not
-- report the usage or the answer was incomplete, so tokens and cost are upper limits; empty in rows of earlier versions. A
-- call whose outcome is `unfinished` is under way, or Curator was stopped before the answer arrived.
create or replace view calls as
select c.call, c.purpose, c.paper, c.version, c.prompt, c.prompt_sha256, c.model,
       case when c.batch is null then c.messages else q.messages end as messages, c.reply, c.outcome,
       c.message, c.finish_reason, c.tokens_in, c.tokens_cached, c.tokens_out, c.tokens_reasoning, c.cost, c.seconds,
       c.batch, c.run, c.added, c.estimated
from record.calls c left join record.batch_questions q on q.batch = c.batch and q.request = c.request
union all by name
select s.call, s.purpose, s.paper, s.version, s.prompt, s.prompt_sha256, s.model, 'unfinished' as outcome,
       s.most_in as tokens_in, s.most_out as tokens_out, s.set_aside as cost, s.run, s.added, true as estimated
from record.call_starts s where not exists (from record.calls c where c.call = s.call);

-- batches: questions that were sent together to the model's provider, which answers within a day, and their state. A batch
-- that has ended stays ended, even if later rows have earlier times because the clock was set back.
create or replace view batches as
select b.batch, b.model, b.endpoint, s.provider, coalesce(s.state, 'unconfirmed') as state, s.message,
       (select count(*) from record.batch_questions q where q.batch = b.batch) as questions,
       (select count(*) from record.calls c where c.batch = b.batch and c.outcome = 'ok') as answers,
       (select sum(c.cost) from record.calls c where c.batch = b.batch) as cost, b.run, b.added,
       case when s.state not in ('sent', 'cancelling') then s.added end as ended,
       (select sum(c.cost) from record.calls c where c.batch = b.batch and c.estimated) as estimated_cost
from record.batches b left join (
    from record.batch_states qualify row_number() over (
        partition by batch order by state in ('sent', 'cancelling'), added desc, rowid desc) = 1
) s using (batch);

-- failures: failed steps, by paper. `open`: the step has not succeeded since. `retry_at`: empty if a retry cannot succeed.
-- `attempts`: the number of runs in which the step has failed since `curator retry`. Runs in which the model's endpoint was
-- at fault are not counted, and ten runs in an outage of arXiv count as one.
create or replace view failures as
with judged as (
    -- an outage: arXiv sent no PDF of any paper in the same run. An endpoint's fault: it limited the rate, rejected the
    -- request, or answered no question of the same kind in the whole run
    select f.*,
           -- a time in the future was recorded while the clock was ahead; it counts as earlier than all others
           case when f.added > get_current_timestamp() at time zone 'UTC' then timestamp '-infinity'
                else f.added end as since,
           f.stage = 'download' and f.code = 'download-failed'
               and not exists (from record.documents d where d.run = f.run) as outage,
           f.stage <> 'download' and (
               f.code in ('rate-limited', 'rejected', 'too-long')
               or (f.code in ('no-answer', 'server-error', 'garbled')
                   and not exists (from record.calls c
                                   where c.run = f.run and c.outcome = 'ok' and c.purpose = f.stage))) as endpoints_fault,
           exists (from record.retries r where r.paper = f.paper and r.added >= since) as forced
    from record.failures f)
select f.stage, f.paper, f.version, f.topic, f.code, f.message, f.retry_at, f.run, f.added,
       count(distinct f.run) filter (where not f.outage and not f.endpoints_fault and not f.forced) over same
         + count(distinct f.run) filter (where f.outage and not f.forced) over same // 10 as attempts,
       case f.stage
         when 'draft' then not exists (from record.drafts d
                                       where d.paper = f.paper and d.version = f.version and d.added >= f.since)
         when 'screen' then not exists (from record.screenings s
                                        where s.paper = f.paper and s.topic = f.topic and s.added >= f.since)
         else not exists (from record.documents d
                          where d.paper = f.paper and d.version = f.version and d.added >= f.since)
       end and not f.forced and row_number() over (same order by f.added desc) = 1 as open
from judged f
window same as (partition by f.stage, f.paper, f.version, f.topic);

-- topic_runs: each run's search of arXiv for each topic, and its result.
create or replace view topic_runs as
select t.run, t.topic, t.state, t.since, t.until, t.announced, t.got, t.unread, t.found as new, t.complete, t.problems,
       t.added
from record.run_topics t;

-- runs: each run, with its counts of papers, documents, candidates, failures and calls, and its cost. A run without an end
-- is in progress or was killed. `estimated_cost`: the part of `cost` from calls whose endpoint did not report the usage.
create or replace view runs as
select r.run, r.started, e.ended, coalesce(e.outcome, 'unfinished') as outcome, e.message, r.arguments, r.drafter,
       r.host, r.pid,
       (select count(distinct p.paper) from record.papers p where p.run = r.run) as papers,
       (select count(*) from record.documents d where d.run = r.run) as documents,
       (select count(*) from record.candidates c where c.run = r.run) as candidates,
       (select count(*) from record.failures f where f.run = r.run) as failures,
       (select count(*) from calls c where c.run = r.run) as calls,
       (select sum(c.cost) from calls c where c.run = r.run) as cost,
       (select sum(c.cost) from calls c where c.run = r.run and c.estimated) as estimated_cost
from record.runs r left join record.run_ends e using (run);

-- costs: tokens and cost of model calls by day, purpose and model. `cost` is empty if no price is set. `estimated_calls`:
-- the number of calls whose tokens and cost are upper limits; `estimated_cost`: their part of `cost`.
create or replace view costs as
select c.added::date as day, c.purpose, c.model, count(*) as calls,
       count(*) filter (where c.outcome not in ('ok', 'unfinished')) as failed,
       sum(c.tokens_in) as tokens_in, sum(c.tokens_cached) as tokens_cached, sum(c.tokens_out) as tokens_out,
       sum(c.cost) as cost, sum(c.seconds) as seconds,
       count(*) filter (where c.estimated) as estimated_calls, sum(c.cost) filter (where c.estimated) as estimated_cost
from calls c
group by all;
