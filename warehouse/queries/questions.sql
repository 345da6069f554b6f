-- Open questions that candidates raise: those published with accepted frames first, then drafted ones.
select question, text as frame, status, paper from candidates
where question is not null and status <> 'rejected' order by status <> 'accepted', paper;
