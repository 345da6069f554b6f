-- Each frame's quotes: page, section, grade.
select f.frame, q.position, q.grade, q.page, q.section, q.text, f.url
from frames f join quotes q using (candidate) order by f.number, q.position;
