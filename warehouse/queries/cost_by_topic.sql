-- Cost and tokens by topic; the cost of a paper that is relevant to several topics is divided equally among them.
with wanted as (
    select paper, topic, 1 / count(*) over (partition by paper) as share from record.screenings where relevant),
screened as (select call, any_value(topic) as topic from record.screenings where call is not null group by call)
select coalesce(s.topic, w.topic, 'by id') as topic, count(distinct c.call) as calls,
       round(sum(c.tokens_in * coalesce(w.share, 1)))::bigint as tokens_in,
       round(sum(c.tokens_out * coalesce(w.share, 1)))::bigint as tokens_out,
       sum(c.cost * coalesce(w.share, 1)) as cost, count(distinct c.call) filter (where c.estimated) as estimated_calls,
       sum(c.cost * coalesce(w.share, 1)) filter (where c.estimated) as estimated_cost
from calls c
left join screened s on s.call = c.call
left join wanted w on w.paper = c.paper and s.call is null
group by 1 order by cost desc nulls last, calls desc;
