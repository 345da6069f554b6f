-- What happened, as rows that are only ever added. People and tools read the views in the main schema instead.
-- No keys and no constraints: identity is kept by the one writer, which adds a row only where none stands (see README).
-- All times are UTC.

create schema if not exists record;

create table record.papers (        -- one row per version of a paper that arXiv told us of
    paper varchar, version integer, title varchar, abstract varchar, authors varchar[], categories varchar[],
    published timestamp, updated timestamp, comment varchar, journal_ref varchar, doi varchar,
    run varchar, added timestamp);

create table record.sightings (     -- a topic's query found this paper, for the first time
    paper varchar, topic varchar, run varchar, added timestamp);

create table record.requests (      -- a person asked for this paper by its id: it is not screened
    paper varchar, version integer, run varchar, added timestamp);

create table record.runs (
    run varchar, started timestamp, host varchar, pid integer, arguments json, drafter varchar);

create table record.run_ends (      -- a run without one is going on, or was killed
    run varchar, ended timestamp, outcome varchar, message varchar);

create table record.run_topics (    -- what was asked of arXiv for a topic, and what came back
    run varchar, topic varchar, query varchar, state varchar, since timestamp, until timestamp,
    announced integer, found integer, complete boolean, problems varchar[], added timestamp);

create table record.screenings (
    paper varchar, topic varchar, score double, relevant boolean, reason varchar, screener varchar,
    call varchar, run varchar, added timestamp);

create table record.documents (     -- the text of one paper version, as one extractor read it
    paper varchar, version integer, sha256 varchar, extractor varchar, settings json, run varchar, added timestamp);

create table record.pages (
    paper varchar, version integer, extractor varchar, number integer, text varchar, width double, height double,
    boxes struct(s integer, e integer, x0 float, y0 float, x1 float, y1 float)[]);

create table record.sections (
    paper varchar, version integer, extractor varchar, position integer, title varchar, kind varchar,
    page integer, start integer);

create table record.sentences (     -- their text is the spans' text on the pages
    paper varchar, version integer, extractor varchar, number integer, section varchar,
    spans struct(page integer, s integer, e integer)[]);

create table record.hidden (
    paper varchar, version integer, extractor varchar, page integer, text varchar, why varchar);

create table record.calls (         -- every model call, whatever came of it
    call varchar, request varchar, purpose varchar, paper varchar, version integer, prompt varchar, prompt_sha256 varchar,
    model varchar, messages json, reply varchar, outcome varchar, message varchar, finish_reason varchar,
    tokens_in integer, tokens_cached integer, tokens_out integer, tokens_reasoning integer,
    cost double, seconds double, run varchar, added timestamp);

create table record.drafts (        -- a paper version was drafted from, even where nothing was worth a frame
    paper varchar, version integer, drafter varchar, call varchar, candidates integer, sentences integer,
    dropped varchar[], note varchar, run varchar, added timestamp);

create table record.candidates (
    candidate varchar, paper varchar, version integer, rank integer, kind varchar, text varchar, topics varchar[],
    scope varchar, question varchar, drafter varchar, call varchar, run varchar, added timestamp);

create table record.quotes (
    candidate varchar, position integer, text varchar, grade varchar, section varchar,
    spans struct(page integer, s integer, e integer)[]);

create table record.failures (      -- one step failed for one paper; retry_at is empty where trying again is no use
    stage varchar, paper varchar, version integer, topic varchar, code varchar, message varchar, retry_at timestamp,
    run varchar, added timestamp);

create table record.decisions (     -- never changed, never deleted: an undo is another row
    decision varchar, number integer, candidate varchar, action varchar, text varchar, reason varchar,
    merged_into varchar, undoes varchar, reviewer varchar, added timestamp);

create table record.frames (        -- a frame's number is given once and never again
    frame varchar, number integer, candidate varchar, added timestamp);

create table record.publications (
    publication integer, file varchar, sha256 varchar, added timestamp);

create table record.publication_frames (
    publication integer, frame varchar, text varchar);
