"""The drafter that needs no language model: it picks the sentences in which a paper states what it found.

It only cuts ("We find that …"), never rephrases, so what it drafts is what the paper says. It knows claims by their
wording alone; papers that word theirs otherwise are left to a model, and no draft is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from curator.drafting.sentence_pointers import quote_sentence
from curator.quotes.normalize import fold_space, normalize
from curator.settings import Topic
from curator.types import Document, Kind, Paper, Quote, Sentence

DRAFTER = "extractive 1"
MAX_DRAFTS = 3
MIN_SCORE = 4.0
_TELLING = re.compile(r"[a-z]+(?:-[a-z]+)+|[a-z-]{9,}|[a-z-]{3,}(?: [a-z-]{3,}){1,2}")
"""A phrase of two or three words, or one long word; "memory" and "facts" stand in every paper."""
_VAGUE = re.compile(
    r"\b(?:the|they|their|them|that|what|when|whether|how|why|which|where|are|can|its|this|these|with|from|for|"
    r"in|on|to|by|it|is|mechanisms?|behaviou?rs?|examples?|language models?|training|character|themselves)\Z|"
    r"\b(?:the|they|their|that|what|when|whether|how|why|which|language)\b"
)
MAX_ABSTRACT = 25
"""Sentences; a longer "abstract" is one whose end was not recognised."""
MIN_WORDS, MAX_WORDS = 8, 55
MAX_CHARACTERS = 1_000
SAME_CLAIM = 72.0
"""rapidfuzz's token_set_ratio (0 to 100) from which two sentences are taken to say the same."""


@dataclass(frozen=True)
class TopicWords:
    """A topic, and the words and phrases by which it is recognised."""

    name: str
    words: frozenset[str]

    @classmethod
    def from_text(cls, name: str, about: str) -> TopicWords:
        """The words of a topic's name, and the short phrases that its description lists between commas."""
        named = {phrase.strip() for phrase in re.split(r",|\band\b|\bor\b", name.casefold())}
        listed = {phrase.strip() for phrase in re.split(r"[,;:.]|\band\b|\bor\b|\sof\s", about.casefold())}
        telling = {phrase for phrase in listed if _TELLING.fullmatch(phrase) and not _VAGUE.search(phrase)}
        return cls(name, frozenset(phrase for phrase in named | telling if phrase))


@dataclass(frozen=True)
class ExtractiveDraft:
    """What becomes a candidate."""

    text: str
    kind: Kind
    topics: tuple[str, ...]
    quotes: tuple[Quote, ...]  # one to three, all of them holding
    scope: str  # models and tasks that are named; "" where none is
    question: str | None


@dataclass(frozen=True)
class _Claim:
    sentence: Sentence
    text: str
    score: float


_SECOND_THAT = re.compile(r"(, (?:and|but)) that\b")  # of "We find that A, and that B", once "We find that" is cut off
_LINK = (
    r"(?:(?:moreover|furthermore|additionally|in addition|further|finally|specifically|in particular|"
    r"more specifically|notably|importantly|interestingly|surprisingly|crucially|however|first|second|third|"
    r"lastly|also|overall|remarkably|strikingly|in contrast|conversely|more broadly|on the other hand|"
    r"[a-z]+ly|on the whole|to summari[sz]e|in summary|in conclusion|taken together|together|"
    r"in this (?:paper|work|study|article|report|thesis)|in our (?:work|study)|here|to this end),?\s+)"
)
_ADVERB = r"(?:(?:also|further|furthermore|additionally|then|first|next|thus|therefore|here|finally)\s+)"
_OWN = (
    r"(?:we|this (?:paper|work|study)|(?:our|these|the|experimental|empirical|extensive)\s+"
    r"(?:[a-z-]+\s+){0,2}?(?:results?|findings?|experiments?|analys[ie]s|evaluations?|study|work|evidence))"
)
_FINDS = (
    r"(?:find|finds|found|show|shows|showed|have shown|demonstrate|demonstrates|demonstrated|observe|observed|"
    r"discover|discovered|reveal|reveals|revealed|report|reported|prove|confirm|confirms|establish|conclude|"
    r"uncover|identify|highlight|highlights)"
)
_HEDGES = (
    r"(?:suggest|suggests|suggested|indicate|indicates|indicated|imply|implies|provide evidence|find evidence|"
    r"present evidence|offer evidence)"
)
_CUTTABLE = re.compile(rf"\A{_LINK}{{0,2}}{_OWN}\s+{_ADVERB}?{_FINDS}\s+that,?\s+", re.I)
_HEDGED = re.compile(rf"\A{_LINK}{{0,2}}{_OWN}\s+(?:[a-z]+\s+)?{_HEDGES}\s+(?:[a-z]+\s+)?that\b", re.I)
_BEFORE = (
    r"(?:(?:in|for|on|at|across|with|without|when|among|under|within|after|over|between|once|given|as)\b"
    r"[^,;:.]{3,80}[,\s]\s?)"
)
_FINDING = re.compile(
    rf"\A{_LINK}{{0,2}}{_BEFORE}?{_OWN}\s+{_ADVERB}?"
    r"(?:find|found|observe|observed|show|shows|showed|demonstrate|demonstrates|discover|discovered|reveal|reveals|"
    r"indicates?|suggests?|have (?:found|observed|shown|demonstrated))\b(?!:)",
    re.I,
)
"""Findings whose opening cannot be cut off without loss: "In some situations we show …", "We observe a …"."""
_METHOD_PREFIX = re.compile(
    rf"\A{_LINK}{{0,2}}(?:using|by|through|via|leveraging|employing|building on|drawing on|based on|inspired by|"
    rf"motivated by|to)\s[^,;:.]{{3,120}},\s+(?={_OWN}\s+{_ADVERB}?{_FINDS}\s+that\b)",
    re.I,
)
_LEADING_LINK = re.compile(rf"\A{_LINK}+", re.I)
_OURS = re.compile(r"\b(?:we|our|this (?:paper|work|study|article))\b", re.I)
_METHOD = re.compile(
    r"\bwe (?:\w+ )?(?:propose|introduce|present(?! evidence)|develop|design|release|open-source|describe|study|"
    r"investigate|explore|examine|aim|provide(?! evidence)|conduct|evaluate|apply|use|compare|discuss|formali[sz]e|"
    r"create|collect|construct|build|train|benchmark|address|consider|perform|define|analy[sz]e|hope|survey|review|outline|leverage|extend|"
    r"ask|offer|call|test|trace|derive|characteri[sz]e|seek|focus|begin|take|implement|plan|leave|publish|fine-tune)\b"
    r"|\bthis (?:paper|work|study|article|survey|review|thesis) (?:\w+ )?(?:proposes|introduces|presents|studies|"
    r"investigates|explores|examines|aims|provides|describes|addresses|surveys|reviews|discusses)\b"
    r"|\b(?:our|the proposed|this) (?:[\w-]+ ){0,2}(?:method|approach|framework|algorithm|system|technique|"
    r"benchmark|dataset|model|pipeline|strategy|architecture|contributions?)\b"
    r"|\b(?:code|data|dataset|models?|weights) (?:is|are|will be) (?:\w+ )?(?:available|released)\b"
    r"|https?:|github|\b(?:SOTA|outperform(?:s|ed|ing)?|(?:new|achiev\w+|current|previous) state[- ]of[- ]the[- ]art)\b"
    r"|\b(?:importance of|need (?:for|to)|our (?:findings|results|work) (?:also )?(?:underscore|highlight|inspire)|"
    r"(?:provide|offer)s? (?:\w+ )?(?:insights?|foundation)|promising|call for|in section|as follows|in table)\b",
    re.I,
)
_BACKGROUND = re.compile(
    r"\b(?:ha(?:s|ve) (?:\w+ )?(?:shown|demonstrated|achieved|become|emerged|been|gained|revolutioni[sz]ed|made|"
    r"attracted|led|proven)|recent(?:ly)?|remains? (?:\w+ )?(?:unclear|unknown|challenging|open|elusive|"
    r"under-?explored|understood)|it is (?:un)?clear|prior work|previous(?:ly)?|future (?:work|research)|"
    r"is important|is essential|is crucial|there is a need)\b",
    re.I,
)
_DEFINITION = re.compile(
    r"\b(?:refers? to|compris\w+|consists? of|is defined|in the context of|the rise of|known as|is a (?:process|task|"
    r"method|technique|benchmark|dataset|framework)|utili[sz]es?|disclaimer|warning)\b",
    re.I,
)
_DANGLING = re.compile(
    r"\A(?:this|these|that|those|it|its|they|their|such|both|he|she|here|there(?! (?:is|are|exists?)\b)|thus|hence|"
    r"therefore|instead|the (?:latter|former|same|two|three|above|proposed|resulting)|another|one|others?|for example|"
    r"for instance|similarly|as a result|as such|consequently|in (?:such|these|summary|conclusion)|to|by|and|but|or|"
    r"(?:the|our|my) (?:first|second|third|paper|work|study)\b)\b",
    re.I,
)
_POINTER = re.compile(r"\b(?:this|these|those|such(?: an?)?|the (?:former|latter|above))\s+([a-z-]{1,30})", re.I)
_RUN_IN_HEADING = re.compile(r"\w (?:The|We|In|This|It|Our|These|To|While|Although|For|As|When) [a-z]")
"""A heading that stands on the line of its paragraph, drawn into the first sentence."""
_FOOTNOTE_MARK = re.compile(r"(?<=[a-z)]\.)[\d†‡§*∗]{1,2}\Z")
_COINED = re.compile(r"\b[A-Z][\w-]*[A-Z][\w-]*\b")
_COINING = re.compile(
    r"\b(?:propose|introduce|present(?! evidence)|develop|design|create|call|named?|dubbed|term)\b", re.I
)
_ENDING = re.compile(r"(?<=[aeiou][vsz])(?:ations?|als?|es?|ed|ing)\Z|(?<=\w{3}[^\Ws])s\Z")
_COMMON = frozenset(
    re.findall(
        r"\S+",
        "LLM LLMs LM LMs GPT ChatGPT CHATGPT RLHF CoT AI NLP ICL SFT RL DPO PPO QA ML LRM LRMs MoE VLM VLMs MLP MLPs "
        "SAE SAEs BERT",
    )
)
_SUBJECT = re.compile(
    r"\b(?:language model(?:s|ing)?|V?LLMs?|L[RVM]Ms|LMs?|transformers?|neural (?:language )?(?:networks?|models?)|"
    r"networks|models|(?:an?|any|each|the) model|(?:model|system|user) (?:behaviou?rs?|prompts?)|assistants?|"
    r"chatbots?|(?:sleeper|LLM|AI|dialogue) agents?|ChatGPT|GPT(?:-\d)?|RLHF|chain[- ]of[- ]thought|"
    r"in-context learning|pre-?training|fine-?tuning|attention heads?)\b",
    re.I,
)
_LANGUAGE_MODELS = re.compile(
    r"\b(?:language models?|LLMs?|GPT|BERT|transformers?|chat models?|chatbots?|in-context learning|grokking|"
    r"chain[- ]of[- ]thought|instruction[- ]tun\w+|RLHF|AI assistants?)\b",
    re.I,
)
_INSIDE = re.compile(
    r"\b(?:representations?|represent(?:ed|s)?|directions?|residual streams?|attention heads?|neurons?|circuits?|"
    r"features?|activations?|layers?|subspaces?|prob(?:e|es|ing)|weights|embeddings?|hidden states?|latents?|"
    r"steering|mechanis(?:m|ms|tic|tically)|internals?|superposition|MLPs?)\b",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:when|whenever|if|even|despite|without|unless|depends?|depending|only|whereas|while|as|rather than|"
    r"because|due to|more|less|larger|smaller|higher|lower|correlat\w+|increas\w+|decreas\w+|across|mediated|"
    r"caused?|leads?|predict\w*|emerge\w*)\b",
    re.I,
)
_OPEN = re.compile(
    r"\b(?:remains? (?:\w+ )?(?:unclear|unknown|open|to be (?:seen|understood))|open (?:research )?questions?|"
    r"(?:it )?is (?:still |currently )?(?:unclear|unknown|not (?:yet )?(?:known|clear|understood)) (?:whether|how|"
    r"why|what|if|to what))\b",
    re.I,
)
_NAME = re.compile(
    r"\b(?:GPT|Chat-?GPT|InstructGPT|Llama|LLaMA|Pythia|BERT|RoBERTa|DeBERTa|T5|OPT(?=-\d)|PaLM|Claude|Gemini|Gemma|Qwen|"
    r"QwQ|Mistral|Mixtral|DeepSeek|OLMo|Phi(?=-?\d)|Falcon|BLOOM|Vicuna|Alpaca|Chinchilla|Gopher|LaMDA|Codex|Yi(?=-\d)|Command(?=-R)|"
    r"Grok|GPT-?J|GPT-?NeoX?|StarCoder|o1|o3|o4|MMLU|GSM8K|TruthfulQA|BIG-?[Bb]ench|HumanEval|HellaSwag|"
    r"SuperGLUE|CommonsenseQA|CounterFact)(?:[- ]?v?\d[\w.]{0,8}){0,2}"
    r"(?:-(?:[A-Z]\w{0,12}|mini|base|large|small|medium|xl|turbo|it|chat|\d[\w.]{0,8})){0,4}(?![\w-])"
)


def draft_frames(document: Document, topics: Sequence[TopicWords], paper: Paper) -> list[ExtractiveDraft]:
    """Up to three drafts, the best first; none where the paper claims nothing about language models that we see."""
    if not _LANGUAGE_MODELS.search(f"{paper.title} {paper.abstract}"):
        return []
    abstract = _abstract(document, paper)
    conclusion = [s for s in document.sentences if s.section == "conclusion"]
    coined = _coined_names(paper, abstract)
    claims = [*_claims(abstract, topics, coined, 0.5), *_claims(conclusion, topics, coined, 0.0)]
    chosen: list[_Claim] = []
    for claim in sorted(claims, key=lambda c: (-c.score, c.sentence.number)):
        if len(chosen) < MAX_DRAFTS and not any(_same(claim.text, other.text) for other in chosen):
            chosen.append(claim)
    question = _question(document, conclusion)
    drafts: list[ExtractiveDraft] = []
    for claim in chosen:
        quotes = _quotes(claim, claims, document)
        if quotes:
            drafts.append(_draft(claim, quotes, topics, paper, None if drafts else question))
    return drafts


def _draft(
    claim: _Claim, quotes: tuple[Quote, ...], topics: Sequence[TopicWords], paper: Paper, question: str | None
) -> ExtractiveDraft:
    named = (match_topics(topics, text) for text in (claim.text, paper.title, paper.abstract))
    return ExtractiveDraft(
        claim.text,
        classify_kind(claim.text),
        next((names for names in named if names), ()),
        quotes,
        _scope([*(quote.text for quote in quotes), paper.abstract]),
        question,
    )


def _abstract(document: Document, paper: Paper) -> list[Sentence]:
    """The abstract's sentences; where no heading marks them, those at the start that the metadata's abstract has."""
    marked = [s for s in document.sentences if s.section == "abstract"]
    if 0 < len(marked) <= MAX_ABSTRACT:
        return marked
    known = normalize(paper.abstract).text
    start = (s for s in document.sentences[:80] if s.section in ("front", "abstract", "body"))
    return [s for s in start if len(s.text) >= 40 and normalize(s.text).text in known]


def _claims(
    sentences: Sequence[Sentence], topics: Sequence[TopicWords], coined: frozenset[str], bonus: float
) -> list[_Claim]:
    """What these sentences claim; a plain statement counts only where the authors have begun to report findings."""
    claims = []
    reporting = False
    for sentence in sentences:
        text = _FOOTNOTE_MARK.sub("", fold_space(sentence.text))
        found = _claim_text(text, reporting)
        reporting = reporting or any(pattern.search(text) for pattern in (_HEDGED, _CUTTABLE, _FINDING))
        if found is None or coined & {*_COINED.findall(found[0])}:
            continue
        score = bonus + found[1] + _weight(found[0], topics)
        if score >= MIN_SCORE:
            claims.append(_Claim(sentence, found[0], score))
    return claims


def _claim_text(sentence: str, reporting: bool) -> tuple[str, float] | None:
    """The claim in a sentence and how surely it is one; None where there is none that stands by itself."""
    if (
        len(sentence) > MAX_CHARACTERS
        or not sentence.endswith((".", "!", ".'", '."', ".”"))
        or not sentence[0].isalnum()
    ):
        return None
    shorter = _METHOD_PREFIX.sub("", sentence)
    cut = _CUTTABLE.match(shorter)
    if cut:
        text, sure = _SECOND_THAT.sub(r"\1", shorter[cut.end() :]), 4.0
    elif _HEDGED.match(sentence):
        text, sure = _LEADING_LINK.sub("", sentence), 3.5
    elif _FINDING.search(sentence):
        text, sure = _LEADING_LINK.sub("", sentence), 3.0
    elif reporting and not _OURS.search(sentence) and _CONDITION.search(sentence):
        text, sure = _LEADING_LINK.sub("", sentence), 1.5
    else:
        return None
    if not _stands_alone(text) or _DANGLING.match(text):
        return None
    if not cut and re.search(r"\bour\b", text[4:], re.I):
        return None
    if _METHOD.search(text) or _DEFINITION.search(text) or (not cut and _BACKGROUND.search(text)):
        return None
    return text[0].upper() + text[1:], sure


def _stands_alone(text: str) -> bool:
    fits = len(text) <= MAX_CHARACTERS and MIN_WORDS <= len(text.split()) <= MAX_WORDS
    return fits and not _points_back(text) and not _RUN_IN_HEADING.search(text)


def _points_back(text: str) -> bool:
    """Whether "this …" or "such …" means something that the sentence itself has not named before."""
    return any(
        match[1].casefold() not in ("that", "as") and match[1][:5].casefold() not in text[: match.start()].casefold()
        for match in _POINTER.finditer(text)
    )


def _weight(text: str, topics: Sequence[TopicWords]) -> float:
    """How much a claim is worth a frame, by what it speaks of; a claim about nothing we know is worth none."""
    about = bool(match_topics(topics, text))
    subject = 1.0 if _LANGUAGE_MODELS.search(text) else 0.5 if _SUBJECT.search(text) else 0.0
    if not (about or subject or _INSIDE.search(text)):
        return -MIN_SCORE
    conditions = 0.5 * min(2, len(_CONDITION.findall(text)))
    return subject + conditions + 0.5 * bool(re.search(r"\d", text)) + about


def _coined_names(paper: Paper, abstract: Sequence[Sentence]) -> frozenset[str]:
    """Names that the paper gives to its own methods and data; what it says of those is no frame."""
    title, colon, _ = paper.title.partition(":")
    texts = [sentence.text for sentence in abstract if _COINING.search(sentence.text)]
    names = {name for text in texts for name in _COINED.findall(text)} - _COMMON
    short_title = {title.strip(), title.strip().upper()} if colon and len(title.split()) == 1 else set()
    known_models = {match[0] for text in texts for match in _NAME.finditer(text)}
    return frozenset(names - known_models | short_title)


def _quotes(claim: _Claim, claims: Sequence[_Claim], document: Document) -> tuple[Quote, ...]:
    """The claim's own sentence, and where another section claims the same, that one too."""
    others = (c for c in claims if c.sentence.section != claim.sentence.section and _same(c.text, claim.text))
    best = sorted(others, key=lambda c: (-fuzz.token_set_ratio(c.text, claim.text), c.sentence.number))[:1]
    quotes = [quote_sentence(c.sentence, document) for c in (claim, *best)]
    return tuple(quote for quote in quotes if quote.holds) if quotes[0].holds else ()


def _same(left: str, right: str) -> bool:
    return fuzz.token_set_ratio(left.casefold(), right.casefold()) >= SAME_CLAIM


def classify_kind(text: str) -> Kind:
    """The kind that a frame's words speak for."""
    return "representational" if _INSIDE.search(text) else "functional"


def extract_topic_words(topics: Iterable[Topic]) -> list[TopicWords]:
    """The words by which the settings' topics are recognised."""
    return [TopicWords.from_text(topic.name, topic.about) for topic in topics]


def match_topics(topics: Sequence[TopicWords], text: str) -> tuple[str, ...]:
    """The topics that a text speaks of, by their words."""
    there = _spaced(text)
    return tuple(topic.name for topic in topics if any(_occurs(word, there) for word in topic.words))


def _occurs(phrase: str, there: str) -> bool:
    wanted = _spaced(phrase)
    return bool(wanted.strip()) and wanted in there


def _spaced(text: str) -> str:
    """The words of `text` between blanks, their endings folded: refusal is refuses, memorise memorization."""
    words = (re.sub("is$", "iz", _ENDING.sub("", word)) for word in re.findall(r"[^\W_]+", normalize(text).text))
    return f" {' '.join(words)} "


def _scope(texts: Iterable[str]) -> str:
    names = dict.fromkeys(match[0].strip() for text in texts for match in _NAME.finditer(text))
    return ", ".join(names)


def _question(document: Document, conclusion: Sequence[Sentence]) -> str | None:
    """A sentence near the paper's end that says what is not known yet."""
    body = [s for s in document.sentences if s.section in ("body", "related work", "limitations")]
    for sentence in [*conclusion, *body[len(body) * 3 // 4 :]]:
        text = _LEADING_LINK.sub("", fold_space(sentence.text))
        if not (text.endswith((".", "?")) and _stands_alone(text) and _OPEN.search(text)) or _OURS.search(text):
            continue
        if re.match(r"it (?:remains|is (?:still )?(?:un|not |an open))", text, re.I) or not _DANGLING.match(text):
            return text[0].upper() + text[1:]
    return None
