-- By topic: papers found, screened, passed and drafted, and frames on the list.
with found as (select topic, count(*) as found from papers, unnest(topics) as t(topic) group by topic),
screened as (select topic, count(*) as screened, count(*) filter (where relevant) as let_through
             from screenings group by topic),
made as (select s.topic, count(distinct c.paper) as drafted,
                count(distinct c.candidate) filter (where c.status = 'accepted') as accepted
         from (select topic, paper from screenings where relevant) s
         join (select candidate, paper, status from candidates) c using (paper) group by s.topic)
select f.topic, f.found, coalesce(screened, 0) as screened, coalesce(let_through, 0) as let_through,
       coalesce(drafted, 0) as drafted, coalesce(accepted, 0) as accepted
from found f left join screened using (topic) left join made using (topic)
order by found desc, f.topic;
