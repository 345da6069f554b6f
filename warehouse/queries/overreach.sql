-- Pending candidates whose quotes, in a checker's judgement, do not support all of the text.
select c.candidate, s.verdict, s.overreach, s.reason, c.text, s.checker
from supports s join candidates c using (candidate)
where c.status = 'pending' and s.current and s.verdict <> 'supported'
order by s.verdict, c.paper, c.rank, s.checker;
