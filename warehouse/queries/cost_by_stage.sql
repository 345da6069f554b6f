-- Money and tokens by stage: screening, drafting, checking support; and what of it gave no usable answer.
select purpose as stage, count(*) as calls, count(*) filter (where outcome <> 'ok') as failed,
       sum(tokens_in) as tokens_in, sum(tokens_cached) as tokens_cached, sum(tokens_out) as tokens_out,
       sum(cost) as cost, sum(cost) filter (where outcome <> 'ok') as cost_of_failed
from record.calls group by purpose order by cost desc nulls last, calls desc;
