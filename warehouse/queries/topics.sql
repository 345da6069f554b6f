-- Each topic: papers found, let through, drafted, and frames on the list.
select s.topic, count(distinct s.paper) as found, count(distinct s.paper) filter (where s.relevant) as let_through,
       count(distinct c.paper) as drafted, count(distinct c.candidate) filter (where c.status = 'accepted') as accepted
from screenings s left join candidates c on c.paper = s.paper and s.relevant
group by s.topic order by found desc;
