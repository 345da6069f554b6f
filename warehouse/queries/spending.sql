-- Cost and tokens by month, and the cost per accepted frame. `estimated_cost`: the part from calls with unreported usage.
with spent as (
    select date_trunc('month', day)::date as month, sum(calls) as calls, sum(tokens_in) as tokens_in,
           sum(tokens_out) as tokens_out, sum(cost) as cost, sum(estimated_cost) as estimated_cost
    from costs group by all)
select s.*, s.cost / nullif((select count(*) from frames f where date_trunc('month', f.accepted)::date = s.month), 0)
       as cost_per_frame
from spent s order by month desc;
