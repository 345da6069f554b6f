-- Pending candidates by topic and kind.
select coalesce(topic, 'no topic') as topic, kind, count(*) as waiting
from candidates left join unnest(topics) as t(topic) on true
where status = 'pending' and acceptable
group by all order by waiting desc, topic, kind;
