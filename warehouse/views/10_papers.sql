-- appearances: the latest journal reference and DOI that arXiv listed for a paper after Curator first found it.
create or replace view appearances as
select a.paper, a.journal_ref, a.doi, a.run, a.added
from record.appearances a
qualify row_number() over (partition by a.paper order by a.added desc, a.rowid desc) = 1;

-- papers: the latest known version of every arXiv paper that Curator has found.
create or replace view papers as
select p.paper, p.version, p.title, p.abstract, p.authors, p.categories, p.published, p.updated, p.comment,
       coalesce(a.journal_ref, p.journal_ref) as journal_ref, coalesce(a.doi, p.doi) as doi,
       (select min(q.added) from record.papers q where q.paper = p.paper) as found,
       (select list(s.topic order by s.added, s.topic) from record.sightings s where s.paper = p.paper) as topics,
       'https://arxiv.org/abs/' || p.paper as url
from record.papers p
left join appearances a on a.paper = p.paper
where p.place is null
qualify row_number() over (partition by p.paper order by p.version desc, p.added desc) = 1;

-- screenings: why a paper was read or left out; one row for each paper and topic that it was screened for.
create or replace view screenings as
select s.paper, p.title, s.topic, s.score, s.relevant, s.reason, s.screener, s.call, s.run, s.added
from record.screenings s join papers p using (paper);

-- documents: the latest text of each paper version.
create or replace view documents as
select d.paper, d.version, d.sha256, d.extractor, d.settings, d.run, d.added
from record.documents d
qualify row_number() over (partition by d.paper, d.version order by d.added desc) = 1;

-- pages: the text of each document, page by page.
create or replace view pages as
select p.paper, p.version, p.number, p.text, p.width, p.height
from record.pages p join documents d using (paper, version, extractor);

-- sections: the sections of each document, with the page on which each begins.
create or replace view sections as
select s.paper, s.version, s.position, s.title, s.kind, s.page
from record.sections s join documents d using (paper, version, extractor);

-- hidden_text: text in the PDF that is not visible on the page. `honest`: true for the text layer of a scan.
create or replace view hidden_text as
select h.paper, h.version, h.page, h.text, h.why, coalesce(h.honest, false) as honest
from record.hidden h join documents d using (paper, version, extractor);
