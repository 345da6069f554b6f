-- Candidates that wait whose quotes do not carry all that they say, as a checker sees it.
select c.candidate, s.verdict, s.overreach, s.reason, c.text, s.checker
from supports s join candidates c using (candidate)
where c.status = 'pending' and s.current and s.verdict <> 'supported'
order by s.verdict, c.paper, c.rank, s.checker;
