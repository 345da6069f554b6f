-- Open questions that papers raise, accepted frames' first.
select question, text as frame, status, paper from candidates
where question is not null and status <> 'rejected' order by status <> 'accepted', paper;
