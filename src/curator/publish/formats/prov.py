"""Where a frame comes from, as linked data: list → frame → decision → draft → prompt and model → quotes → pages.

The words are those of the W3C's PROV-O (https://www.w3.org/TR/prov-o/), as JSON-LD 1.1 with a context of its own, so
that nothing has to be fetched to read it. Names of reviewers are in it, as it is made for the list's owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid5

from curator.publish.citations import (
    citation_label,
    iso_time,
    iterate_papers,
    list_uuid,
    page_url,
    paper_url,
    papers_of,
    source_of,
)
from curator.types import Frame, Paper, Quote
from curator.warehouse.candidates import Decision

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
    """The frame's chain as a JSON-LD document. `chain` is what `reports.why` tells; `identity` names the list."""
    names = _Names(identity)
    drafted_from = _drafted_from(frame, chain)
    earlier = [paper for paper in drafted_from if paper not in papers_of(frame)]
    list_, own = names("list"), names(frame.id)
    draft = names("draft", frame.candidate_id)
    graph: list[dict[str, Any]] = [
        {"id": list_, "type": ["prov:Collection", "prov:Entity"], "dcterms:title": title, "prov:hadMember": _to(own)},
        {
            "id": own,
            "type": "prov:Entity",
            "dcterms:identifier": frame.id,
            "prov:value": frame.text,
            "dcterms:type": frame.kind,
            "prov:wasDerivedFrom": _to(draft),
            "prov:wasGeneratedBy": [_to(names("decision", one.id)) for one in decisions if one.action == "accept"],
        },
        {
            "id": draft,
            "type": "prov:Entity",
            "prov:value": frame.draft_text,
            "prov:wasQuotedFrom": [_to(names("quote", frame.id, str(n))) for n in range(1, len(frame.quotes) + 1)],
            "prov:hadPrimarySource": [_to(_about(names, paper)) for paper in drafted_from],
            "prov:wasGeneratedBy": _to(names("drafting", frame.candidate_id)),
        },
        *_drafting(names, frame, chain, drafted_from),
        *(_decision(names, one, draft) for one in decisions),
        *({"id": names("person", who), "type": ["prov:Agent", "prov:Person"], "schema:name": who}
          for who in dict.fromkeys(one.reviewer for one in decisions)),
        *(_quote(names, frame, number, quote) for number, quote in enumerate(frame.quotes, 1)),
        *(_paper(names, paper) for paper in (*earlier, *iterate_papers(frame))),
        *({"id": _about(names, frame.paper), "prov:wasRevisionOf": _to(_about(names, one))} for one in earlier),
    ]  # fmt: skip
    return {"@context": CONTEXT, "@graph": graph}


def _drafted_from(frame: Frame, chain: Mapping[str, Any]) -> list[Paper]:
    """The frame's sources, its own in the version that it was drafted from."""
    version = chain.get("version", frame.paper.version)
    return [replace(one, version=version) if one == frame.paper else one for one in papers_of(frame)]


class _Names:
    """Names for things of one list that stay the same for good."""

    def __init__(self, identity: str) -> None:
        self._list = list_uuid(identity)

    def __call__(self, *parts: str) -> str:
        return uuid5(self._list, "\x1f".join(parts)).urn


def _to(name: str) -> dict[str, str]:
    return {"id": name}


def _when(moment: datetime | None) -> dict[str, str] | None:
    return {"@value": iso_time(moment), "@type": "xsd:dateTime"} if moment else None


def _filled(node: dict[str, Any]) -> dict[str, Any]:
    """A node without what is not known of it."""
    return {key: value for key, value in node.items() if value not in (None, [])}


def _about(names: _Names, paper: Paper) -> str:
    return paper_url(paper) or names("paper", paper.versioned_id)


def _drafting(names: _Names, frame: Frame, chain: Mapping[str, Any], papers: Sequence[Paper]) -> list[dict[str, Any]]:
    """The act of drafting, and what drafted: a model with its prompt, rules, or a person."""
    agent = names("drafter", frame.drafter, frame.author or "")
    person = frame.author is not None
    act: dict[str, Any] = {
        "id": names("drafting", frame.candidate_id),
        "type": "prov:Activity",
        "prov:wasAssociatedWith": _to(agent),
        "prov:used": [_to(_about(names, paper)) for paper in papers],
        "prov:endedAtTime": _when(chain.get("drafted")),
    }
    prompt = chain.get("prompt_sha256")
    if prompt:
        act["prov:qualifiedAssociation"] = {
            "type": "prov:Association",
            "prov:agent": _to(agent),
            "prov:hadPlan": {"id": f"urn:sha256:{prompt}", "type": ["prov:Plan", "prov:Entity"],
                             "dcterms:title": f"prompts/{chain.get('prompt')}.md"},
        }  # fmt: skip
    told: dict[str, Any] = {
        "id": agent,
        "type": ["prov:Agent", "prov:Person" if person else "prov:SoftwareAgent"],
        "schema:name": frame.author or chain.get("model") or frame.drafter,
    }
    return [_filled(act), _filled(told)]


def _decision(names: _Names, one: Decision, draft: str) -> dict[str, Any]:
    told = {
        "id": names("decision", one.id),
        "type": "prov:Activity",
        "dcterms:type": one.action,
        "dcterms:description": one.reason,
        "prov:used": _to(draft),
        "prov:wasAssociatedWith": _to(names("person", one.reviewer)),
        "prov:endedAtTime": _when(one.added),
        "prov:wasInformedBy": _to(names("decision", one.undoes)) if one.undoes else None,
    }
    return _filled(told)


def _quote(names: _Names, frame: Frame, number: int, quote: Quote) -> dict[str, Any]:
    """A quote, derived from the page that it stands on."""
    paper = source_of(quote, frame)
    page = page_url(paper, quote.page)
    told = {
        "id": names("quote", frame.id, str(number)),
        "type": ["prov:Entity", "oa:TextQuoteSelector"],
        "oa:exact": quote.text,
        "schema:pagination": str(quote.page) if quote.page else None,
        "dcterms:description": f"{quote.grade}; speaks against it" if quote.contradicts else quote.grade,
        "prov:wasQuotedFrom": [_to(one) for one in (page, _about(names, paper)) if one],
    }
    return _filled(told)


def _paper(names: _Names, paper: Paper) -> dict[str, Any]:
    told = {
        "id": _about(names, paper),
        "type": "prov:Entity",
        "dcterms:title": paper.title,
        "dcterms:creator": list(paper.authors),
        "dcterms:bibliographicCitation": citation_label(paper),
        "dcterms:identifier": paper.versioned_id,
    }
    return _filled(told)
