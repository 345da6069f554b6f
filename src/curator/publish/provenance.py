"""Describe a frame's origin as linked data: list → frame → decision → draft → prompt and model → quotes → pages.

The vocabulary is the W3C's PROV-O (https://www.w3.org/TR/prov-o/), as JSON-LD 1.1 with its own context, so that a
program can read it without fetching anything. It contains reviewers' names, since it is made for the list's owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid5

from curator.publish.citations import (
    all_papers_of,
    citation_label,
    display_name,
    iso_time,
    list_uuid,
    page_url,
    paper_url,
    papers_of,
    source_of,
)
from curator.types import Frame, Paper, Quote
from curator.warehouse.decisions import Decision

CONTEXT = {
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
}


def build_provenance(
    frame: Frame, decisions: Sequence[Decision], chain: Mapping[str, Any], *, title: str, identity: str
) -> dict[str, Any]:
    """Return a frame's provenance as a JSON-LD document.

    Args:
        frame: The frame.
        decisions: The decisions on its candidate.
        chain: How the candidate was drafted, as `warehouse.overview.explain_candidate` returns it.
        title: The list's title.
        identity: The list's identity, from which permanent names are made.
    """
    names = _NameMaker(identity)
    drafted_from = _drafted_from(frame, chain)
    earlier = [paper for paper in drafted_from if paper not in papers_of(frame)]
    draft = names("draft", frame.candidate_id)
    graph: list[dict[str, Any]] = [
        {
            "id": names("list"),
            "type": ["prov:Collection", "prov:Entity"],
            "dcterms:title": title,
            "prov:hadMember": _reference(names(frame.id)),
        },
        _frame(names, frame, decisions, draft),
        _draft(names, frame, drafted_from, draft),
        *_drafting(names, frame, chain, drafted_from),
        *(_decision(names, decision, draft) for decision in decisions),
        *({"id": names("person", reviewer), "type": ["prov:Agent", "prov:Person"], "schema:name": reviewer}
          for reviewer in dict.fromkeys(decision.reviewer for decision in decisions)),
        *(_quote(names, frame, number, quote) for number, quote in enumerate(frame.quotes, 1)),
        *(_paper(names, paper) for paper in (*earlier, *all_papers_of(frame))),
        *({"id": _paper_name(names, frame.paper), "prov:wasRevisionOf": _reference(_paper_name(names, paper))}
          for paper in earlier),
    ]  # fmt: skip
    return {"@context": CONTEXT, "@graph": graph}


def _drafted_from(frame: Frame, chain: Mapping[str, Any]) -> list[Paper]:
    """Return the frame's sources, its own paper in the version that it was drafted from."""
    version = chain.get("version", frame.paper.version)
    return [replace(paper, version=version) if paper == frame.paper else paper for paper in papers_of(frame)]


class _NameMaker:
    """Make permanent names (UUIDs) for the parts of a list."""

    def __init__(self, identity: str) -> None:
        self._list = list_uuid(identity)

    def __call__(self, *parts: str) -> str:
        return uuid5(self._list, "\x1f".join(parts)).urn


def _reference(name: str) -> dict[str, str]:
    return {"id": name}


def _time(moment: datetime | None) -> dict[str, str] | None:
    return {"@value": iso_time(moment), "@type": "xsd:dateTime"} if moment else None


def _without_unknown(node: dict[str, Any]) -> dict[str, Any]:
    """Return a node without its unknown values."""
    return {key: value for key, value in node.items() if value not in (None, [])}


def _paper_name(names: _NameMaker, paper: Paper) -> str:
    return paper_url(paper) or names("paper", paper.versioned_id)


def _frame(names: _NameMaker, frame: Frame, decisions: Sequence[Decision], draft: str) -> dict[str, Any]:
    return {
        "id": names(frame.id),
        "type": "prov:Entity",
        "dcterms:identifier": frame.id,
        "prov:value": frame.text,
        "dcterms:type": frame.kind,
        "prov:wasDerivedFrom": _reference(draft),
        "prov:wasGeneratedBy": [
            _reference(names("decision", decision.id)) for decision in decisions if decision.action == "accept"
        ],
    }


def _draft(names: _NameMaker, frame: Frame, papers: Sequence[Paper], draft: str) -> dict[str, Any]:
    return {
        "id": draft,
        "type": "prov:Entity",
        "prov:value": frame.draft_text,
        "prov:wasQuotedFrom": [
            _reference(names("quote", frame.id, str(number))) for number in range(1, len(frame.quotes) + 1)
        ],
        "prov:hadPrimarySource": [_reference(_paper_name(names, paper)) for paper in papers],
        "prov:wasGeneratedBy": _reference(names("drafting", frame.candidate_id)),
    }


def _drafting(
    names: _NameMaker, frame: Frame, chain: Mapping[str, Any], papers: Sequence[Paper]
) -> list[dict[str, Any]]:
    """Return the drafting, and the drafter: a model with its prompt, rules, or a person."""
    agent = names("drafter", frame.drafter, frame.author or "")
    person = frame.author is not None
    act: dict[str, Any] = {
        "id": names("drafting", frame.candidate_id),
        "type": "prov:Activity",
        "prov:wasAssociatedWith": _reference(agent),
        "prov:used": [_reference(_paper_name(names, paper)) for paper in papers],
        "prov:endedAtTime": _time(chain.get("drafted")),
    }
    prompt = chain.get("prompt_sha256")
    if prompt:
        act["prov:qualifiedAssociation"] = {
            "type": "prov:Association",
            "prov:agent": _reference(agent),
            "prov:hadPlan": {"id": f"urn:sha256:{prompt}", "type": ["prov:Plan", "prov:Entity"],
                             "dcterms:title": f"prompts/{chain.get('prompt')}.md"},
        }  # fmt: skip
    drafter: dict[str, Any] = {
        "id": agent,
        "type": ["prov:Agent", "prov:Person" if person else "prov:SoftwareAgent"],
        "schema:name": frame.author or chain.get("model") or frame.drafter,
    }
    return [_without_unknown(act), _without_unknown(drafter)]


def _decision(names: _NameMaker, decision: Decision, draft: str) -> dict[str, Any]:
    node = {
        "id": names("decision", decision.id),
        "type": "prov:Activity",
        "dcterms:type": decision.action,
        "dcterms:description": decision.reason,
        "prov:used": _reference(draft),
        "prov:wasAssociatedWith": _reference(names("person", decision.reviewer)),
        "prov:endedAtTime": _time(decision.added),
        "prov:wasInformedBy": _reference(names("decision", decision.undoes)) if decision.undoes else None,
    }
    return _without_unknown(node)


def _quote(names: _NameMaker, frame: Frame, number: int, quote: Quote) -> dict[str, Any]:
    """Return a quote, derived from its page."""
    paper = source_of(quote, frame)
    page = page_url(paper, quote.page)
    node = {
        "id": names("quote", frame.id, str(number)),
        "type": ["prov:Entity", "oa:TextQuoteSelector"],
        "oa:exact": quote.text,
        "schema:pagination": str(quote.page) if quote.page else None,
        "dcterms:description": f"{quote.grade}; speaks against it" if quote.contradicts else quote.grade,
        "prov:wasQuotedFrom": [_reference(name) for name in (page, _paper_name(names, paper)) if name],
    }
    return _without_unknown(node)


def _paper(names: _NameMaker, paper: Paper) -> dict[str, Any]:
    node = {
        "id": _paper_name(names, paper),
        "type": "prov:Entity",
        "dcterms:title": paper.title,
        "dcterms:creator": [*map(display_name, paper.authors)],
        "dcterms:bibliographicCitation": citation_label(paper),
        "dcterms:identifier": paper.versioned_id,
    }
    return _without_unknown(node)
