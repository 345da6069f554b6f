-- Cost and tokens by stage (screening, drafting, support checks), with the part of failed and of estimated calls.
select purpose as stage, count(*) as calls, count(*) filter (where outcome not in ('ok', 'unfinished')) as failed,
       sum(tokens_in) as tokens_in, sum(tokens_cached) as tokens_cached, sum(tokens_out) as tokens_out,
       sum(cost) as cost, sum(cost) filter (where outcome not in ('ok', 'unfinished')) as cost_of_failed,
       count(*) filter (where estimated) as estimated_calls, sum(cost) filter (where estimated) as estimated_cost
from calls group by purpose order by cost desc nulls last, calls desc;
