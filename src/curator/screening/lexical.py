"""Screen papers without a model, by the topic's vocabulary in title and abstract.

A topic provides three kinds of terms. Its name and the terms of its query are its core; the words of `about` support
them; words of `not_about` that are not also the topic's own count against a paper. A term in the title weighs more than
a term in the abstract, a phrase more than a word, and a word that half of all papers use almost nothing. The weights
were set by hand, by reading which abstracts of 2025 and 2026 passed; they have no other source.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

SCREENER = "lexical 1"
"""The name under which scores are recorded; its number changes with the weights."""

_MAX_TEXT = 20_000  # characters; arXiv's abstracts have at most 1,920
_MAX_REASON_TERMS = 4
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_COMPOUND = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_QUOTED = re.compile(r'"([^"]{1,100})"')
_QUERY_WORD = re.compile(r'\b(?:all|ti|abs):([^\s()":]{2,60})')
_NEGATED = re.compile(r'ANDNOT\s*(?:\([^()]*\)|(?:\w+:)?(?:"[^"]*"|[^\s()]+))')

_STOP_WORDS = """
    a about across after against all also although among an and any are as at be because been before being between
    both but by can cannot could do does during each either et etc even every few for from further had has have
    having he her his how however i if in into is it its itself just least less like long made make makes many may
    merely might more most much must named near neither no nor not of off often on one only onto or other others our
    out outside over own per quite rather really same several shall she should since so some still such than that
    the their them then there these they this those through thus to too toward towards under until up upon us use
    used user users uses using very via was we were what when where whether which while who whose why will with
    within without would yet you your language model models llm llms
"""
_COMMON_WORDS = """
    ability accuracy agent agents ai analysis answer answers application applications approach approaches artificial
    assume attention behavior behaviors behaviour capabilities capability change changes character computer content
    data dataset datasets deep design direction directions effect evaluation example examples experiment experiments
    extraction feature features find fine-tuning finetuning framework general generation harmful harmless help helps
    human humans hurt hurts identity information input inputs intelligence know knowledge large learn learning level
    mechanism mechanisms memory method methods network networks neural new output outputs paper parameter parameters
    people performance problem problems process prompt prompting prompts question questions reason reasoning recall
    recommender representation representations request requests research response responses result results role safety
    scale selective self set shape shapes shift shifts show simulation small solve state stated step step step-by-
    store study sudden system systems task tasks test tests text theory thinking time token tokens trace traces train
    trained training traits transition transitions understanding well work works
"""
_APPLIED_WORDS = """
    3d agriculture autonomous-driving battlefield biomedical clinical clinician diagnosis e-commerce education face
    financial finance forecasting healthcare hospital image legal medical medicine molecular navigation patients
    point-cloud radiology recommendation recommender remote-sensing robot robotic robotics segmentation semeval
    shared-task speech sql surgical text-to-sql traffic translation video vision visual wireless
"""
_STOP = frozenset(_STOP_WORDS.split())
_COMMON = frozenset(_COMMON_WORDS.split())
_APPLIED = tuple(_APPLIED_WORDS.split())
_BRITISH = re.compile(r"is(?=(?:ations?|ed|es?|ing|ers?)\Z)")
_ENDINGS = ("ations", "ation", "ings", "ing", "als", "al", "ies", "ed", "es", "e", "s", "y")
_LANGUAGE_MODEL = re.compile(
    r"language[- ]model|\b(?:ll?m|vlm|mllm|slm|plm|lrm|llama|gpt|bert|chatgpt|claude|gemini|qwen|mistral|deepseek)s?\b"
    r"|\btransformers?\b|pre-?train|chatbot|\bin-context|chain[- ]of[- ]thought|\bprompting\b|instruction[- ]tun"
    r"|foundation model|reasoning model|chat model|residual stream|fine-?tun|next[- ]token|few-shot|jailbreak"
    r"|\b(?:llama|gpt|qwen|deepseek)-?[0-9a-z.]",
)
_NEURAL = re.compile(r"neural|deep learning|deep network|\bmlps?\b|gradient descent|weight decay|attention head")


@dataclass(frozen=True)
class LexicalScore:
    """How well a paper fits a topic."""

    score: float  # 0 to 1; from 0.5 a paper is worth reading
    reason: str  # for a researcher to read


@dataclass(frozen=True)
class _Term:
    shown: str
    stems: tuple[str, ...]
    weight: float


def score(title: str, abstract: str, name: str, about: str, not_about: str = "", query: str = "") -> LexicalScore:
    """Score how well a paper fits a topic.

    Args:
        title: The paper's title.
        abstract: The paper's abstract.
        name: The topic's name.
        about: The topic's description.
        not_about: The description of what the topic excludes.
        query: The topic's arXiv query.
    """
    wanted, unwanted = _terms(name, about, not_about, query)
    title, abstract = title[:_MAX_TEXT], abstract[:_MAX_TEXT]
    in_title, in_abstract = _Text(title), _Text(abstract)
    matches = _list_matches(wanted, in_title, in_abstract)
    against = _list_matches(unwanted, in_title, in_abstract)
    if not matches:
        return LexicalScore(0.0, "mentions none of the topic's words")
    evidence = sum(weight for weight, _ in matches) - sum(weight for weight, _ in against)
    value = 1 - math.exp(-1.05 * max(0.0, evidence))
    reason = "mentions " + ", ".join(shown for _, shown in matches[:_MAX_REASON_TERMS])
    if against:
        reason += "; against it: " + ", ".join(shown for _, shown in against[:_MAX_REASON_TERMS])
    whole = f"{title}\n{abstract}".lower()
    if not _LANGUAGE_MODEL.search(whole):
        if _NEURAL.search(whole):
            value *= 0.85
        else:
            value = min(value * 0.5, 0.3)
            reason += "; nothing says that it is about language models or neural networks"
    return LexicalScore(round(value, 3), reason)


@lru_cache(maxsize=256)
def _terms(name: str, about: str, not_about: str, query: str) -> tuple[tuple[_Term, ...], tuple[_Term, ...]]:
    """Return the terms that count for the topic, and those that count against it."""
    wanted: dict[tuple[str, ...], _Term] = {}
    positive = _NEGATED.sub(" ", query)
    of_query = [*_QUOTED.findall(positive), *_QUERY_WORD.findall(positive)]
    for run in [*_parts(name), *([term] for term in of_query)]:
        _add(wanted, run, 1.0 if len(_words(" ".join(run))) > 1 else 0.3 if run[0] in _COMMON else 0.9)
    core = {stem for stems in wanted for stem in stems}
    for run in _runs(about):
        if len(run) > 1 and not core.issuperset(_stems(run)):
            _add(wanted, run, 0.2 if _COMMON.issuperset(run) else 0.5)
        for word in run:
            if word not in _COMMON and not core.issuperset(_stems([word])):
                _add(wanted, [word], 0.2)
    topic_stems = {stem for stems in wanted for stem in stems}
    unwanted: dict[tuple[str, ...], _Term] = {}
    for weight, words in ((0.3, [w for run in _runs(not_about) for w in run if w not in _COMMON]), (0.35, _APPLIED)):
        for word in words:
            if topic_stems.isdisjoint(_stems([word])):
                _add(unwanted, [word], weight)
    return tuple(wanted.values()), tuple(unwanted.values())


def _add(terms: dict[tuple[str, ...], _Term], run: Sequence[str], weight: float) -> None:
    stems = _stems(run)
    if stems and stems not in terms and stems != ("languag", "model"):
        terms[stems] = _Term(" ".join(run), stems, weight)


def _parts(name: str) -> Iterator[list[str]]:
    """Yield the parts of a topic's name, split at "and" and commas, without stop words at their ends."""
    for part in re.split(r"\band\b|[,;:()/]", name.lower()):
        run = _COMPOUND.findall(part)
        while run and run[0] in _STOP:
            run.pop(0)
        while run and run[-1] in _STOP:
            run.pop()
        if run:
            yield run


def _runs(text: str) -> Iterator[list[str]]:
    """Yield up to four words between stop words and punctuation; a compound such as "in-context" is one word."""
    for part in re.split(r"[^\w\s'-]+", text[:_MAX_TEXT].lower()):
        run: list[str] = []
        for word in [*_COMPOUND.findall(part), ""]:
            if word and word not in _STOP and len(run) < 4:
                run.append(word)
            elif run:
                yield run
                run = []


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _stems(run: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(_stem, _words(" ".join(run))))


class _Text:
    """The stems of a text, and the positions of each."""

    def __init__(self, text: str) -> None:
        self.stems = [_stem(word) for word in _words(text)]
        self._places: dict[str, list[int]] = {}
        for place, stem in enumerate(self.stems):
            self._places.setdefault(stem, []).append(place)

    def count(self, stems: tuple[str, ...]) -> int:
        size = len(stems)
        return sum(tuple(self.stems[at : at + size]) == stems for at in self._places.get(stems[0], ()))


def _list_matches(terms: Iterable[_Term], title: _Text, abstract: _Text) -> list[tuple[float, str]]:
    """Return the terms that occur, each with its weight and its places in words, heaviest first."""
    matches = []
    for term in terms:
        in_title, times = title.count(term.stems), abstract.count(term.stems)
        if not in_title and not times:
            continue
        often = (0.0, 0.5, 0.65, 0.8)[min(times, 3)]
        weight = term.weight * (1.0 + 0.5 * often if in_title else often)
        places = ["title"] if in_title else []
        if times:
            places.append("abstract" if times == 1 else f"{times}× in the abstract")
        matches.append((weight, f'"{term.shown}" ({", ".join(places)})'))
    return sorted(matches, key=lambda pair: -pair[0])


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """Return a word without its ending; British and American spellings have the same stem."""
    word = _BRITISH.sub("iz", word.removesuffix("'s"))
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word
