"""The arXiv papers that the list rests on, and those with a later version that has not been checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curator.types import Paper, Quote
from curator.warehouse.candidates import load_quotes
from curator.warehouse.connection import Connection
from curator.warehouse.frames import find_merged, load_merged
from curator.warehouse.papers import get_papers
from curator.warehouse.revision_notices import load_given_up_quotes, load_rechecks


@dataclass(frozen=True)
class Evidence:
    """One paper that a frame on the list rests on."""

    candidate_id: str  # of the frame
    evidence_id: str  # the same, or a candidate that was merged into it
    paper_id: str
    drafted_from: int  # version
    cited: int  # version


@dataclass(frozen=True)
class UnseenRevision:
    """Evidence with a later version of its paper that has not been laid beside it."""

    evidence: Evidence
    quotes: Mapping[int, Quote]  # those that hold in the version that is cited, by position
    given_up: frozenset[int]  # of them, those that a person has let stand although they were lost before


def load_evidence(connection: Connection) -> list[Evidence]:
    """Return the arXiv papers that the frames on the list rest on."""
    rows = connection.execute(
        """
        select f.candidate, c.paper, c.version, c.cited from frames f join candidates c using (candidate)
        order by f.number
        """
    ).fetchall()
    joined = load_merged(connection)
    every = [
        Evidence(candidate, id, paper, version, cited)
        for candidate, *own in rows
        for id, paper, version, cited in (
            (candidate, *own),
            *((one.candidate, one.paper, one.version, one.version) for one in find_merged(candidate, joined)),
        )
        if ":" not in paper  # see source.py
    ]
    return list({one.evidence_id: one for one in every}.values())


def load_unseen_revisions(connection: Connection, every: Sequence[Evidence]) -> dict[Paper, list[UnseenRevision]]:
    """Return the evidence whose newest known version has not been checked, by that version."""
    newest = dict(connection.execute("select paper, version from papers").fetchall())
    seen = set(connection.execute("select evidence, version from record.notices").fetchall())
    due = [
        one
        for one in every
        if newest.get(one.paper_id, 0) > one.cited and (one.evidence_id, newest[one.paper_id]) not in seen
    ]
    ids = [one.evidence_id for one in due]
    quotes, given_up = load_quotes(connection, ids), load_given_up_quotes(connection, ids)
    later = load_rechecks(connection, [(one.evidence_id, one.cited) for one in due if one.cited != one.drafted_from])
    papers = get_papers(connection, {(one.paper_id, newest[one.paper_id]) for one in due})
    found: dict[Paper, list[UnseenRevision]] = defaultdict(list)
    for one in due:
        id = one.evidence_id
        if id in later:
            cited = {each.position: each.now for each in later[id]}
        else:
            cited = dict(enumerate(quotes.get(id, ()), 1))
        holding = {position: quote for position, quote in cited.items() if quote.holds}
        paper = papers[one.paper_id, newest[one.paper_id]]
        found[paper].append(UnseenRevision(one, holding, frozenset(given_up.get(id, ())) & set(holding)))
    return dict(found)
