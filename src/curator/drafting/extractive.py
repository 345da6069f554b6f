"""Draft without a language model: pick the sentences in which a paper states its findings.

The drafter cuts an opening such as "We find that", and never rephrases, so that a draft says what the paper says. It
recognises claims by their wording alone. It leaves other claims to a model: no draft is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from curator.drafting import claim_patterns as patterns
from curator.drafting.base import DraftResult, make_candidate
from curator.drafting.sentence_pointers import quote_sentence
from curator.drafting.topic_words import TopicWords, extract_topic_words, match_topics
from curator.quotes.normalize import fold_space, normalize
from curator.settings import Topic
from curator.types import Document, Kind, Paper, Quote, Sentence

DRAFTER = "extractive 1"
"""The drafter's name in the warehouse, which is part of its candidates' ids."""
MAX_DRAFTS = 3
"""Drafts from one paper."""
MIN_SCORE = 4.0
"""Points from which a claim is drafted; see `_score_claims`."""
MAX_ABSTRACT_SENTENCES = 25
"""Sentences of an abstract. The reader did not recognise the end of a longer one."""
MAX_FRONT_SENTENCES = 80
"""Sentences from a paper's start among which an abstract without a heading is looked for."""
MIN_ABSTRACT_CHARACTERS = 40
"""Characters of a sentence that shows, without a heading, where the abstract is."""
MIN_WORDS, MAX_WORDS = 8, 55
"""Words of a claim."""
MAX_CHARACTERS = 1_000
"""Characters of a sentence that is looked at."""
MIN_SIMILARITY = 72.0
"""rapidfuzz's token_set_ratio (0 to 100) from which two sentences count as the same claim."""


@dataclass(frozen=True)
class ExtractiveDraft:
    """The parts of a candidate that the paper gives."""

    text: str
    kind: Kind
    topics: tuple[str, ...]
    quotes: tuple[Quote, ...]  # one or two, all of which hold
    scope: str  # the models and benchmarks that the paper names, with commas; empty if it names none
    question: str | None


@dataclass(frozen=True)
class _Claim:
    sentence: Sentence
    text: str
    score: float


class ExtractiveDrafter:
    """Picks the claim sentences of abstract and conclusion, and quotes them.

    Attributes:
        name: `DRAFTER`.
    """

    name = DRAFTER

    def __init__(self, topics: Sequence[Topic]) -> None:
        """Make a drafter that assigns these topics."""
        self._topics = extract_topic_words(topics)

    def draft(self, paper: Paper, document: Document) -> DraftResult:
        """Draft up to `MAX_DRAFTS` candidates; see `Drafter.draft`. The same paper always gives the same drafts.

        Args:
            paper: The paper's metadata.
            document: The paper's text.

        Returns:
            The candidates. There are no notes, and no model is called.
        """
        candidates = tuple(
            make_candidate(
                paper,
                self.name,
                text=draft.text,
                kind=draft.kind,
                topics=draft.topics,
                quotes=draft.quotes,
                scope=draft.scope,
                question=draft.question,
            )
            for draft in draft_frames(document, self._topics, paper)
        )
        return DraftResult(candidates, self.name, sentences=len(document.sentences))


def draft_frames(document: Document, topics: Sequence[TopicWords], paper: Paper) -> list[ExtractiveDraft]:
    """Draft frames from the claims of a paper's abstract and conclusion.

    Args:
        document: The paper's text.
        topics: The list's topics.
        paper: The paper's metadata.

    Returns:
        Up to `MAX_DRAFTS` drafts, the best first. Empty if no claim about language models is recognised.
    """
    if not patterns.LANGUAGE_MODELS.search(f"{paper.title} {paper.abstract}"):
        return []
    abstract = _find_abstract(document, paper)
    conclusion = [sentence for sentence in document.sentences if sentence.section == "conclusion"]
    coined = _find_coined_names(paper, abstract)
    claims = [*_score_claims(abstract, topics, coined, 0.5), *_score_claims(conclusion, topics, coined, 0.0)]
    question = _find_question(document, conclusion)
    drafts: list[ExtractiveDraft] = []
    for claim in _choose_claims(claims):
        quotes = _quote_claim(claim, claims, document)
        if quotes:
            drafts.append(_make_draft(claim, quotes, topics, paper, None if drafts else question))
    return drafts


def classify_kind(text: str) -> Kind:
    """Return the kind that a frame's words suggest: representational if they are about the inside of a model."""
    return "representational" if patterns.MODEL_INTERNALS.search(text) else "functional"


def _choose_claims(claims: Iterable[_Claim]) -> list[_Claim]:
    """Return the claims with the highest scores, each claim once."""
    chosen: list[_Claim] = []
    for claim in sorted(claims, key=lambda claim: (-claim.score, claim.sentence.number)):
        if len(chosen) < MAX_DRAFTS and not any(_is_same_claim(claim.text, other.text) for other in chosen):
            chosen.append(claim)
    return chosen


def _make_draft(
    claim: _Claim, quotes: tuple[Quote, ...], topics: Sequence[TopicWords], paper: Paper, question: str | None
) -> ExtractiveDraft:
    matched = (match_topics(topics, text) for text in (claim.text, paper.title, paper.abstract))
    return ExtractiveDraft(
        claim.text,
        classify_kind(claim.text),
        next((names for names in matched if names), ()),
        quotes,
        _list_known_names([*(quote.text for quote in quotes), paper.abstract]),
        question,
    )


def _find_abstract(document: Document, paper: Paper) -> list[Sentence]:
    """Return the abstract's sentences; without a heading, the early sentences that the metadata's abstract contains."""
    marked = [sentence for sentence in document.sentences if sentence.section == "abstract"]
    if 0 < len(marked) <= MAX_ABSTRACT_SENTENCES:
        return marked
    abstract = normalize(paper.abstract).text
    return [
        sentence
        for sentence in document.sentences[:MAX_FRONT_SENTENCES]
        if sentence.section in ("front", "abstract", "body")
        and len(sentence.text) >= MIN_ABSTRACT_CHARACTERS
        and normalize(sentence.text).text in abstract
    ]


def _score_claims(
    sentences: Sequence[Sentence], topics: Sequence[TopicWords], coined: frozenset[str], bonus: float
) -> list[_Claim]:
    """Return the claims of these sentences that score at least `MIN_SCORE`.

    A plain statement counts only after the authors have begun to report findings.
    """
    claims = []
    is_reporting = False
    for sentence in sentences:
        text = patterns.FOOTNOTE_MARK.sub("", fold_space(sentence.text))
        claim = _extract_claim(text, is_reporting)
        is_reporting = is_reporting or any(
            pattern.search(text) for pattern in (patterns.HEDGED_FINDING, patterns.CUTTABLE_OPENING, patterns.FINDING)
        )
        if claim is None or coined & {*patterns.COINED_NAME.findall(claim[0])}:
            continue
        score = bonus + claim[1] + _score_subject(claim[0], topics)
        if score >= MIN_SCORE:
            claims.append(_Claim(sentence, claim[0], score))
    return claims


def _extract_claim(sentence: str, is_reporting: bool) -> tuple[str, float] | None:
    """Return the claim of a sentence and the points for its wording; None if no claim is complete in itself."""
    if not _is_whole_sentence(sentence):
        return None
    worded = _match_wording(sentence, is_reporting)
    if worded is None:
        return None
    text, points = worded
    if not _is_self_contained(text) or patterns.DEPENDENT_OPENING.match(text):
        return None
    if patterns.METHOD_STATEMENT.search(text) or patterns.DEFINITION.search(text):
        return None
    return text[0].upper() + text[1:], points


def _is_whole_sentence(text: str) -> bool:
    return len(text) <= MAX_CHARACTERS and text.endswith((".", "!", ".'", '."', ".”")) and text[0].isalnum()


def _match_wording(sentence: str, is_reporting: bool) -> tuple[str, float] | None:
    """Return the text after the opening and the points for its certainty, by the first wording that fits."""
    without_method = patterns.METHOD_PREFIX.sub("", sentence)
    if cut := patterns.CUTTABLE_OPENING.match(without_method):
        return patterns.SECOND_THAT.sub(r"\1", without_method[cut.end() :]), 4.0
    if patterns.HEDGED_FINDING.match(sentence):
        points = 3.5
    elif patterns.FINDING.search(sentence):
        points = 3.0
    elif is_reporting and not patterns.SELF_REFERENCE.search(sentence) and patterns.CONDITION.search(sentence):
        points = 1.5
    else:
        return None
    text = patterns.LEADING_LINK.sub("", sentence)
    if re.search(r"\bour\b", text[4:], re.I) or patterns.BACKGROUND_STATEMENT.search(text):
        return None
    return text, points


def _is_self_contained(text: str) -> bool:
    fits = len(text) <= MAX_CHARACTERS and MIN_WORDS <= len(text.split()) <= MAX_WORDS
    return fits and not _refers_back(text) and not patterns.RUN_IN_HEADING.search(text)


def _refers_back(text: str) -> bool:
    """Return True if "this …" or "such …" refers to something that the sentence has not named before."""
    return any(
        match[1].casefold() not in ("that", "as") and match[1][:5].casefold() not in text[: match.start()].casefold()
        for match in patterns.BACK_REFERENCE.finditer(text)
    )


def _score_subject(text: str, topics: Sequence[TopicWords]) -> float:
    """Return points for the subject of a claim: models, topics, conditions, figures.

    A claim about neither models nor topics gets so few that it is never drafted.
    """
    is_on_topic = bool(match_topics(topics, text))
    subject = 1.0 if patterns.LANGUAGE_MODELS.search(text) else 0.5 if patterns.SUBJECT.search(text) else 0.0
    if not (is_on_topic or subject or patterns.MODEL_INTERNALS.search(text)):
        return -MIN_SCORE
    conditions = 0.5 * min(2, len(patterns.CONDITION.findall(text)))
    return subject + conditions + 0.5 * bool(re.search(r"\d", text)) + is_on_topic


def _find_coined_names(paper: Paper, abstract: Sequence[Sentence]) -> frozenset[str]:
    """Return the names that a paper gives to its own methods and data. A claim about those is no frame."""
    title, colon, _ = paper.title.partition(":")
    texts = [sentence.text for sentence in abstract if patterns.COINING_VERB.search(sentence.text)]
    names = {name for text in texts for name in patterns.COINED_NAME.findall(text)} - patterns.COMMON_ACRONYMS
    short_title = {title.strip(), title.strip().upper()} if colon and len(title.split()) == 1 else set()
    known_models = {match[0] for text in texts for match in patterns.KNOWN_NAME.finditer(text)}
    return frozenset(names - known_models | short_title)


def _quote_claim(claim: _Claim, claims: Sequence[_Claim], document: Document) -> tuple[Quote, ...]:
    """Quote the claim's own sentence, and the most similar one of another section if it makes the same claim."""
    others = (
        other
        for other in claims
        if other.sentence.section != claim.sentence.section and _is_same_claim(other.text, claim.text)
    )
    best = sorted(others, key=lambda other: (-fuzz.token_set_ratio(other.text, claim.text), other.sentence.number))[:1]
    quotes = [quote_sentence(chosen.sentence, document) for chosen in (claim, *best)]
    return tuple(quote for quote in quotes if quote.holds) if quotes[0].holds else ()


def _is_same_claim(left: str, right: str) -> bool:
    return fuzz.token_set_ratio(left.casefold(), right.casefold()) >= MIN_SIMILARITY


def _list_known_names(texts: Iterable[str]) -> str:
    names = dict.fromkeys(match[0].strip() for text in texts for match in patterns.KNOWN_NAME.finditer(text))
    return ", ".join(names)


def _find_question(document: Document, conclusion: Sequence[Sentence]) -> str | None:
    """Return a sentence of the conclusion, or of the last quarter of the body, that says what is not known yet."""
    body = [sentence for sentence in document.sentences if sentence.section in ("body", "related work", "limitations")]
    for sentence in [*conclusion, *body[len(body) * 3 // 4 :]]:
        text = patterns.LEADING_LINK.sub("", fold_space(sentence.text))
        if _is_open_question(text):
            return text[0].upper() + text[1:]
    return None


def _is_open_question(text: str) -> bool:
    """Return True if the text says what is not known yet, and is complete in itself."""
    if not (text.endswith((".", "?")) and _is_self_contained(text) and patterns.OPEN_QUESTION.search(text)):
        return False
    if patterns.SELF_REFERENCE.search(text):
        return False
    is_impersonal = re.match(r"it (?:remains|is (?:still )?(?:un|not |an open))", text, re.I) is not None
    return is_impersonal or not patterns.DEPENDENT_OPENING.match(text)
