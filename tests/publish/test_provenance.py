"""A frame's chain, read back by a reader of linked data that is not ours."""

from __future__ import annotations

import json
import warnings
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import PROV, RDF

from curator.publish.provenance import build_provenance
from curator.sanitize import single_line
from curator.warehouse.decisions import Decision
from tests.publish.frames import frame, hostile_text, paper, quote

DECISIONS = (
    Decision("d1", 1, "c0ffee", "accept", "Final.", None, None, None, "Ana", datetime(2026, 2, 3)),
    Decision("d2", 2, "c0ffee", "undo", None, None, None, "d1", "Bo <b>", datetime(2026, 2, 4)),
    Decision("d3", 3, "c0ffee", "accept", None, None, None, None, "Ana", datetime(2026, 2, 5)),
)
CHAIN: dict[str, Any] = {
    "drafted": datetime(2026, 2, 1), "prompt": "draft", "prompt_sha256": "ab" * 32, "model": "gpt-5-mini",
}  # fmt: skip


def read(document: dict[str, Any]) -> Graph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the reader's own, of its next major version
        return Graph().parse(data=json.dumps(document, default=str), format="json-ld")


def told(graph: Graph, sparql: str) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in graph.query(sparql)}  # type: ignore[arg-type]


def test_the_chain_leads_from_the_list_to_the_papers_page() -> None:
    graph = read(build_provenance(frame(), DECISIONS, CHAIN, title="A list", identity="2026"))
    found = told(
        graph,
        """
        prefix prov: <http://www.w3.org/ns/prov#> prefix oa: <http://www.w3.org/ns/oa#>
        select ?text ?draft ?quote ?page where {
            ?list a prov:Collection; prov:hadMember ?frame .
            ?frame prov:value ?text; prov:wasDerivedFrom ?made .
            ?made prov:value ?draft; prov:wasQuotedFrom ?passage .
            ?passage oa:exact ?quote; prov:wasQuotedFrom ?page . }
        """,
    )
    text, draft = frame().text, frame().draft_text
    assert found == {
        (text, draft, "Heads copy the token.", "https://arxiv.org/pdf/2401.90001v1#page=3"),
        (text, draft, "Heads copy the token.", "https://arxiv.org/abs/2401.90001v1"),
    }


def test_who_decided_and_what_drafted_are_in_it() -> None:
    graph = read(build_provenance(frame(), DECISIONS, CHAIN, title="A list", identity="2026"))
    people = told(graph, "select ?n where { ?p a <http://www.w3.org/ns/prov#Person>; <https://schema.org/name> ?n }")
    assert people == {("Ana",), ("Bo <b>",)}
    software = told(
        graph, "select ?n where { ?p a <http://www.w3.org/ns/prov#SoftwareAgent>; <https://schema.org/name> ?n }"
    )
    assert software == {("gpt-5-mini",)}
    assert (URIRef("urn:sha256:" + "ab" * 32), RDF.type, PROV.Plan) in graph
    assert len(set(graph.subjects(PROV.wasInformedBy))) == 1


def test_a_frame_by_hand_was_drafted_by_its_author_and_needs_no_source() -> None:
    own = frame(author="Ada", paper=paper(id="none:1", place="none"), quotes=(), drafter="by hand")
    graph = read(build_provenance(own, DECISIONS[:1], {}, title="A list", identity="2026"))
    assert set(graph.objects(None, PROV.hadPrimarySource)) == set()
    names = told(graph, "select ?n where { ?p a <http://www.w3.org/ns/prov#Person>; <https://schema.org/name> ?n }")
    assert names == {("Ana",), ("Ada",)}


def test_names_of_things_stay_and_are_the_lists_own() -> None:
    one, again, other = (
        build_provenance(frame(), DECISIONS, CHAIN, title="A list", identity=identity) for identity in ("a", "a", "b")
    )
    assert one == again
    assert {node["id"] for node in one["@graph"]} & {node["id"] for node in other["@graph"]} == {
        "https://arxiv.org/abs/2401.90001v1"
    }


@settings(deadline=None, max_examples=40)
@given(text=hostile_text, title=hostile_text)
def test_strangers_text_is_a_value_and_nothing_else(text: str, title: str) -> None:
    odd = frame(text=single_line(text), paper=paper(title=title), quotes=(quote(text or "q"),))
    graph = read(build_provenance(odd, DECISIONS, CHAIN, title=title, identity="2026"))
    assert (None, PROV.value, Literal(single_line(text))) in graph
    assert len(set(graph.subjects(PROV.wasQuotedFrom))) == 2


def test_a_frame_that_cites_a_later_version_was_drafted_from_the_earlier_one() -> None:
    revised = frame(paper=paper(version=2), quotes=(quote(paper="2401.90001v2"),))
    graph = read(build_provenance(revised, DECISIONS, CHAIN | {"version": 1}, title="A list", identity="2026"))
    found = told(
        graph,
        """
        prefix prov: <http://www.w3.org/ns/prov#> prefix oa: <http://www.w3.org/ns/oa#>
        select ?used ?later where {
            ?drafting prov:used ?used . ?made prov:wasGeneratedBy ?drafting . ?later prov:wasRevisionOf ?used . }
        """,
    )
    assert found == {("https://arxiv.org/abs/2401.90001v1", "https://arxiv.org/abs/2401.90001v2")}
    assert set(graph.subjects(PROV.hadPrimarySource, URIRef("https://arxiv.org/abs/2401.90001v1")))
