"""The interface that all drafters share: a drafter turns a paper's document into candidates with graded quotes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from curator.support.overclaim import check_overclaim
from curator.types import Candidate, Document, Kind, Paper, Quote


@dataclass(frozen=True)
class DraftResult:
    """The result of drafting from one paper. It is normal for a paper to give no candidates."""

    candidates: tuple[Candidate, ...]
    drafter: str
    call: str | None = None  # the id of the model call; None for a drafter without a model
    sentences: int = 0  # number of sentences that the drafter saw
    dropped: tuple[str, ...] = ()  # the sentences that it did not see, in words: "body (120 of 400 sentences)"
    notes: tuple[str, ...] = ()  # candidates and pointers that were left out, and why


class Drafter(Protocol):
    """Drafts candidates from the text of one paper.

    Attributes:
        name: Recorded with each candidate and part of its id. It changes when the drafts may change.
    """

    name: str

    def draft(self, paper: Paper, document: Document) -> DraftResult:
        """Draft candidates from one paper.

        Args:
            paper: The paper's metadata.
            document: The paper's text.

        Returns:
            The candidates, and notes of what was left out.

        Raises:
            ModelError: The language model could not be asked or gave no usable answer.
        """
        ...


def make_candidate(
    paper: Paper,
    drafter: str,
    *,
    text: str,
    kind: Kind,
    topics: tuple[str, ...],
    quotes: tuple[Quote, ...],
    scope: str,
    question: str | None,
) -> Candidate:
    """Make a candidate and check, without a model, whether its quotes support it.

    The id is a hash of paper version, drafter, kind, text and quotes, so drafting again adds no second candidate.

    Args:
        paper: The paper that the candidate was drafted from.
        drafter: The drafter's name.
        text: The frame's text, on one line.
        kind: The frame's kind.
        topics: Names of the list's topics that it belongs to.
        quotes: Its quotes, those that hold first.
        scope: The models and tasks that it covers; empty if not stated.
        question: The open question that the paper leaves, if any.

    Returns:
        The candidate, with the result of the keyless support check.
    """
    origin = "\x1f".join([paper.versioned_id, drafter, kind, text, *(quote.text for quote in quotes)])
    candidate_id = hashlib.sha256(origin.encode()).hexdigest()[:12]
    support = (check_overclaim(text, quotes, scope),)
    return Candidate(
        candidate_id, paper.id, paper.version, text, kind, topics, quotes, scope, question, drafter, support
    )
