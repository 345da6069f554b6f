-- Open questions that papers raise: first those that are published with accepted frames, then drafted ones.
select question, text as frame, status, paper from candidates
where question is not null and status <> 'rejected' order by status <> 'accepted', paper;
