-- The quotes of each frame and of candidates merged into it, with paper, page, section and grade.
select f.frame, c.paper || 'v' || c.version as paper, q.grade, q.page, q.section, q.text
from frames f
join candidates c on c.candidate = f.candidate or (c.status = 'merged' and c.merged_into = f.candidate)
join quotes q on q.candidate = c.candidate and q.holds
order by f.number, c.candidate <> f.candidate, c.candidate, q.position;
