"""False quotes: passages changed so that they no longer say what the paper says, and text that is not the paper's.

A falsification takes a passage and gives the quote, or None where the passage offers it no hold. What it gives counts
only if its letters, numbers and signs differ from the passage's and stand nowhere in the paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from bench import patchwork
from bench.passages import CITATION, NARRATIVE, Base, letters
from bench.patchwork import Falsification, like
from bench.wordings import Table

MIN_STEM = 5  # letters that are left when "un-" goes
AUXILIARY = re.compile(
    r"(?<![\w-])(?:is|are|was|were|can|could|will|would|should|may|might|must|does|do|did)(?= [a-z])"
)
NUMBER = re.compile(
    r"(?<![\w.,/–−-])(?<![.,;:)\]] )(?:\d+\.\d+(?![\w.]|,\d)|\d+(?:\.\d+)?(?=\s?%)|\d{1,3}(?:,\d{3})+(?![\w.]\d)"
    r"|\d+(?= [a-z]{3})|(?<=[=<>≤≥] )\d+(?![\w.]))"
)
DOUBLED = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
TAKES_NON = re.compile(
    r"(?<![\w-])(?:robust|linear|trivial|random|uniform|standard|toxic|parametric|causal|human|harmful|expert|member"
    r"|deterministic|memorized|private|zero|negative)(?![\w-])"
)
ONE_SIDED = (
    r"than|causes|leads to|outperforms?|implies|rather than|instead of|precedes|exceeds|predicts|requires|depends on"
    r"|affects|influences|improves|induces|generates?|contains?|replaces?|learns?|uses|into"
)
PLACE = (
    r"(?:in|on|for|with|under|across|during|among|within) "
    r"(?:(?!this|our|the|which|section|that|particular|example|general)[a-z-]+ ){1,4}[a-z-]+"
)
LEAD = re.compile(
    r"^(?:If|Unless|Assuming|Suppose|Whether|When|Although|While|Even if|Without)\b[^,]{8,80}, "
    r"|^[^,.]{0,60}\b(?:not|no|never|unclear|hypothesi[sz]e|believe|false|assume|speculate|conjecture)\b[^,.]{0,40} "
    r"(?:that|whether|if) "
)
CLOSING_CONDITION = re.compile(
    r"(?:,? )(?:only if|only when|unless|except|if|when|provided that|but|although|though|however) [^.;]{8,120}\.$"
)
EXPONENT = re.compile(r"(?<![\w.])(10)([−-])(\d)(?![\d.%–])|(?<![\w.])(\d(?:\.\d)?e)([−-])(\d)\b")
NOUN_ENDINGS = ("tion", "ment", "ness", "ity", "ance", "ism", "ence", "tions", "ments", "ities", "ers", "ing")
ADJECTIVE_ENDINGS = ("al", "ive", "ous", "ic", "able", "ful")
ALIKE = tuple(
    frozenset(line.split())
    for line in (
        "ability capability capacity abilities capabilities capacities competence performance",
        "evaluation assessment examination investigation experimentation testing evaluating assessing investigating",
        "additional several typical general usual normal conventional traditional",
        "critical essential fundamental crucial central",
        "different various numerous previous prior",
        "explanation interpretation description representation demonstration illustration",
        "implementation application utilization instantiation deployment employing utilizing applying using",
        "training learning optimization finetuning tuning",
        "improvement enhancement improving enhancing",
        "limitations requirements restrictions", "potential possible", "specific individual particular",
        "answering responding generating producing creating building constructing developing",
        "addressing solving tackling handling mitigating", "including containing involving comprising following",
        "examining analyzing studying exploring inspecting observing considering", "employing leveraging adopting",
        "methods approaches", "prompting instruction instructions prompting", "harmful dangerous malicious",
        "observation observations findings", "showing demonstrating indicating suggesting revealing",
    )
)  # fmt: skip
WITHOUT = Table(
    "without = with; with = without; fail to = manage to; fails to = manages to; failed to = managed to; manages to ="
    " fails to; unable to = able to; able to = unable to; neither = both; nor = and; none of = all of; lacks = has;"
    "lack of = abundance of; lack = have; unlike = like; instead of = together with; rather than = as well as",
    both_ways=False,
)
AND_OR = Table("and = or; or = and; and/or = and", both_ways=False)
PROPER = frozenset({"LLM", "LLMs", "LM", "LMs", "AI", "NLP", "ML", "The", "In", "We"})


def exchange(choose: Callable[[Base], Table]) -> Falsification:
    """One word or phrase of a table exchanged."""

    def falsify(base: Base) -> str | None:
        table = choose(base)
        match = base.find(table.pattern)
        choices = table.choices(match[0]) if match else ()
        quote = put(base, match, like(match[0], base.rng.choice(choices))) if match and choices else None
        return None if quote is None or DOUBLED.search(quote) else quote

    return falsify


def put(base: Base, match: re.Match[str] | None, new: str) -> str | None:
    if match is None:
        return None
    text = base.text[: match.start()] + new + base.text[match.end() :]
    return re.sub(r" {2,}", " ", text).strip()


def negation_added(base: Base) -> str | None:
    match = base.find(AUXILIARY)
    if match is None or base.text[match.end() :].startswith((" not", " no ", " never", " only")):
        return None
    contracted = {"is": "isn’t", "are": "aren't", "does": "doesn't", "was": "wasn’t", "could": "couldn't"}
    forms = [f"{match[0]} not", f"{match[0]} never", contracted.get(match[0], f"{match[0]} not")]
    return put(base, match, base.rng.choice(forms))


def negation_after_we(base: Base) -> str | None:
    table = base.words.negatable
    match = base.find(re.compile(rf"(?<=\b[Ww]e ){table.pattern.pattern}"))
    return put(base, match, base.rng.choice(table.choices(match[0]))) if match and table.choices(match[0]) else None


def negation_removed(base: Base) -> str | None:
    pattern = r"(?<![\w-])(?:(?:do|does|did) not |not (?!only)|never )|(?<=\bcan)not(?= )|(?<=[a-z])n[’']t(?= )"
    match = base.find(re.compile(pattern)) or base.find(re.compile(r"(?<![\w-])(?:no )(?=[a-z]{4})"))
    return put(base, match, "") if match else None


def without_with(base: Base) -> str | None:
    return exchange(lambda _: WITHOUT)(base)


def negating_prefix(base: Base) -> str | None:
    vocabulary = set(base.paper.vocabulary)
    found = re.finditer(r"(?<![\w-])(un|in|im|non-?|dis|ir)([a-z]{5,})(?![\w-])", base.text)
    lost = [(match, match[2]) for match in found if match[2] in vocabulary]
    gained = [(match, "non-" + match[0]) for match in TAKES_NON.finditer(base.text)]
    match, new = base.rng.choice((lost or gained) or [(None, "")])
    return put(base, match, new)


def digit_changed(base: Base) -> str | None:
    match = base.find(NUMBER)
    if match is None:
        return None
    digits = [i for i, c in enumerate(match[0]) if c.isdigit()]
    at = base.rng.choice(digits)
    new = base.rng.choice([d for d in "123456789" if d != match[0][at]])
    return put(base, match, match[0][:at] + new + match[0][at + 1 :])


def decimal_moved(base: Base) -> str | None:
    match = base.find(re.compile(r"(?<![\w.,/–−-])(\d+)\.(\d+)(?![\w.])"))
    if match is None:
        return None
    whole, rest = match[1], match[2]
    moved = (f"{whole}{rest[0]}.{rest[1:]}".rstrip("."), f"{whole[:-1] or '0'}.{whole[-1]}{rest}", whole + rest)
    return put(base, match, base.rng.choice(moved))


def magnitude(base: Base) -> str | None:
    match = base.find(re.compile(r"(?<![\w.,/–−-])(?<![.,;:)\]] )\d{1,3}(?:,\d{3})*(?= [a-z]{3}|\s?%|[KMB]\b)"))
    if match is None:
        return None
    shorter = match[0].rstrip("0") if match[0].endswith("0") and len(match[0]) > 1 else match[0] + "0"
    return put(base, match, base.rng.choice((match[0] + "0", match[0] + "00", shorter)))


def sign(base: Base) -> str | None:
    match = base.find(re.compile(r"(?<=[a-z=] )[−–-]?\d+\.\d+|(?<=[a-z=] )[−–-]?\d+(?=\s?%)"))
    if match is None or not float(match[0].lstrip("−–-")):
        return None
    return put(base, match, match[0].lstrip("−–-") if match[0][0] in "−–-" else "−" + match[0])


def percent_and_points(base: Base) -> str | None:
    match = base.find(re.compile(r"(?<=\d)\s?(?:%|percent(?:age points)?|points)(?!\w)"))
    if match is None:
        return None
    return put(base, match, " percentage points" if "poi" not in match[0] else "%")


def number_range(base: Base) -> str | None:
    match = base.find(re.compile(r"(?<![\w.–−-])(\d+)(–|-| to |−)(\d+)(?![\w.–-]|,\d)"))
    if match is None or match[1] == "10" or len(match[1]) == len(match[3]) == 4:
        return None
    low, high = int(match[1]), int(match[3])
    step = base.rng.choice((1, 2, 10))
    return put(
        base, match, base.rng.choice((f"{low}{match[2]}{high + step}", f"{low + step}{match[2]}{high}", f"{high}"))
    )


def exponent(base: Base) -> str | None:
    match = base.find(EXPONENT)
    if match is None:
        return None
    ten, power = match[1] or match[4], int(match[3] or match[6])
    forms = (f"{ten}^{power}", f"{ten}{power}", f"{ten}{match[2] or match[5]}{power + 1}", f"{ten}^{{{power}}}")
    return put(base, match, base.rng.choice(forms[:1] + forms[2:] if power == 0 else forms))


def relation_sign(base: Base) -> str | None:
    opposite = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "+": "−", "=": "≠", "±": "+"}
    match = base.find(re.compile(r"(?<=[\w)]) ?[<>≤≥=±](?= ?[−-]?\d)"))
    return put(base, match, match[0].replace(match[0].strip(), opposite[match[0].strip()])) if match else None


def reference_number(base: Base) -> str | None:
    found = list(re.finditer(r"(?:Figure|Table|Section|Appendix) (\d+)", base.text))
    match = base.rng.choice(found or [None])
    return put(base, match, match[0][: -len(match[1])] + str(int(match[1]) + 1)) if match else None


def citation_changed(base: Base) -> str | None:
    found = [m for c in CITATION.finditer(base.text) for m in re.finditer(r"\d+", c[0])]
    chosen = base.rng.choice(found or [None])
    cited = CITATION.search(base.text)
    if chosen is None or cited is None or not re.search(r"\d", cited[0]):
        return None
    new = re.sub(r"\d+", lambda m: str(int(m[0]) + 1), cited[0], count=1)
    return base.text[: cited.start()] + new + base.text[cited.end() :]


def model_size(base: Base) -> str | None:
    match = base.find(re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(\s?[BMTK])(?!\w)"))
    if match is None:
        return None
    size = base.rng.choice([size for size in ("7", "13", "70", "1.5", "175", "8", "34") if size != match[1]])
    unit = match[2][:-1] + {"B": "M", "M": "B", "T": "B", "K": "M"}[match[2][-1]]
    return put(base, match, base.rng.choice((size + match[2], match[1] + unit)))


def version_number(base: Base) -> str | None:
    match = base.find(re.compile(r"(?<![\w.])[A-Z][A-Za-z]+(?:-| v?)(\d)(?:\.\d)?(?![\w.]*\d)"))
    if match is None:
        return None
    new = base.rng.choice([d for d in "12345" if d != match[1]])
    at = match.start(1) - match.start()
    return put(base, match, base.rng.choice((match[0][:at] + new, match[0][:at] + new + match[0][at + 1 :])))


def entity_of_same_paper(base: Base) -> str | None:
    known = [name for name in base.paper.entities if name not in PROPER]
    if len(known) < 2:
        return None
    match = base.find(
        re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, sorted(known, key=len, reverse=True)))})(?![\w-])")
    )
    others = [name for name in known if match and not akin(name, match[0])]
    return put(base, match, base.rng.choice(others)) if match and others else None


def akin(one: str, other: str) -> bool:
    """Whether two names may be one: a plural, another hyphenation, a longer form."""
    a, b = letters(one).rstrip("s"), letters(other).rstrip("s")
    return (a in b or b in a) and re.findall(r"\d", one) == re.findall(r"\d", other)


def person(base: Base) -> str | None:
    found = list(re.finditer(NARRATIVE + r"|[A-ZÀ-Þ][a-zà-þ]+ et al\. \[", base.text))
    match = base.rng.choice(found or [None])
    name = re.match(r"[\w’'-]+", match[0]) if match else None
    other = base.rng.choice(("Johnson", "Petrov", "Tanaka", "Okafor", "Lindqvist"))
    return put(base, match, other + match[0][name.end() :]) if match and name else None


def content_word(endings: Sequence[str]) -> Falsification:
    """A noun or adjective exchanged for another of the same paper with the same ending."""

    def falsify(base: Base) -> str | None:
        match = base.find(re.compile(rf"(?<![\w-])[a-z]{{3,}}(?:{'|'.join(endings)})(?![\w-])"))
        if match is None:
            return None
        ending = max((e for e in endings if match[0].endswith(e)), key=len)
        fit = [w for w in base.paper.vocabulary if w.endswith(ending) and not alike(w, match[0])]
        return put(base, match, base.rng.choice(fit)) if fit else None

    return falsify


def alike(one: str, other: str) -> bool:
    return one[:4] == other[:4] or one in other or other in one or any(one in g and other in g for g in ALIKE)


def words_dropped(base: Base) -> str | None:
    """A run of words from inside the sentence left out without a sign."""
    words = base.text.split()
    length = base.rng.randrange(3, 9)
    if len(words) < length + 10:
        return None
    start = base.rng.randrange(4, len(words) - length - 3)
    gone = " ".join(words[start : start + length])
    if sum(c.isalpha() for c in CITATION.sub("", gone)) < 12 or re.search(r"[()\[\]“”]", gone):
        return None
    return " ".join(words[:start] + words[start + length :])


def clauses_shuffled(base: Base) -> str | None:
    parts = [part for part in re.split(r",\s", base.text.rstrip(".")) if part]
    if len(parts) < 3 or min(len(part.split()) for part in parts) < 3:
        return None
    order = parts[::-1] if base.rng.random() < 0.5 else parts[1:] + parts[:1]
    return ", ".join(order) + "."


def words_shuffled(base: Base) -> str | None:
    words = base.paper.sentences[base.at].text.split()
    return " ".join(base.rng.sample(words, len(words)))


def sides_exchanged(base: Base) -> str | None:
    """What stands before and after a word whose two sides are not alike."""
    match = base.find(re.compile(rf"(?<![\w-])([\w-]{{4,}}) ({ONE_SIDED}) ((?:the |a |an )?[\w-]{{4,}})(?![\w-])"))
    if match is None or alike(match[1].lower(), match[3].lower()):
        return None
    return put(base, match, f"{match[3]} {match[2]} {match[1]}")


def from_to_exchanged(base: Base) -> str | None:
    match = base.find(re.compile(r"\bfrom ((?:[\w.%-]+ ){1,3})to ((?:[\w-]+ ?){1,2}[\w%-]+)"))
    return put(base, match, f"from {match[2]} to {match[1].strip()}") if match else None


def dropped(words: Callable[[Base], Sequence[str]]) -> Falsification:
    """A word that holds a claim in bounds, left out."""

    def falsify(base: Base) -> str | None:
        match = base.find(re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words(base)))}) (?=[\w-]{{2,}})"))
        return put(base, match, "") if match and match.start() > 0 else None

    return falsify


def scope_dropped(base: Base) -> str | None:
    """ "in small models," and its like, from inside the sentence."""
    match = base.find(re.compile(rf"(?<=[a-z]),? {PLACE},? (?=(?:and|is|are|we|can|the|but|to|by|that)\b)"))
    return put(base, match, " ") if match else None


def reported_lead_lost(base: Base) -> str | None:
    """What decides whether the rest is claimed, left out in front: "There is no evidence that", "If ...,"."""
    match = LEAD.search(base.text)
    rest = base.text[match.end() :] if match else ""
    return rest[0].upper() + rest[1:] if len(rest.split()) >= 6 else None


def condition_lost(base: Base) -> str | None:
    """A closing condition left out: "only when ...", "unless ...", "except for ..."."""
    match = CLOSING_CONDITION.search(base.text)
    return base.text[: match.start()] + "." if match and match.start() > 40 else None


def place_lost(base: Base) -> str | None:
    """A closing "on synthetic data", left out."""
    match = re.search(r" (?:in|on|for|under|across|with) (?!this|our|section)(?:[a-z-]+ ){1,4}[a-z-]+\.$", base.text)
    return base.text[: match.start()] + "." if match and match.start() > 40 else None


FALSE: Mapping[str, Falsification] = {
    "negation added": negation_added,
    "negation added: we do not": negation_after_we,
    "negation removed": negation_removed,
    "with, without, fail to": without_with,
    "negating prefix": negating_prefix,
    "number: a digit": digit_changed,
    "number: decimal point": decimal_moved,
    "number: magnitude": magnitude,
    "number: sign": sign,
    "number: percent, points": percent_and_points,
    "number: range": number_range,
    "number: exponent": exponent,
    "number: in words": exchange(lambda base: base.words.numerals),
    "number: fraction": exchange(lambda base: base.words.fractions),
    "unit": exchange(lambda base: base.words.units),
    "relation sign": relation_sign,
    "quantifier": exchange(lambda base: base.words.quantifiers),
    "modality": exchange(lambda base: base.words.modality),
    "strength of claim": exchange(lambda base: base.words.claims),
    "comparison": exchange(lambda base: base.words.comparisons),
    "increase, decrease": exchange(lambda base: base.words.directions),
    "before, after": exchange(lambda base: base.words.order),
    "at least, at most": exchange(lambda base: base.words.bounds),
    "name of model or data": exchange(lambda base: base.words.names),
    "model size": model_size,
    "version number": version_number,
    "name from the same paper": entity_of_same_paper,
    "person": person,
    "role": exchange(lambda base: base.words.roles),
    "antonym": exchange(lambda base: base.words.antonyms),
    "causality": exchange(lambda base: base.words.causality),
    "and, or": exchange(lambda base: AND_OR),
    "noun of the same paper": content_word(NOUN_ENDINGS),
    "adjective of the same paper": content_word(ADJECTIVE_ENDINGS),
    "splice": patchwork.splice,
    "sentence between dropped": patchwork.middle_sentence_dropped,
    "words dropped": words_dropped,
    "hedge dropped": dropped(lambda base: base.words.hedges),
    "restriction dropped": dropped(lambda base: base.words.scopes),
    "scope dropped": scope_dropped,
    "ellipsis over a negation": patchwork.ellipsis_over(patchwork.NEGATION),
    "ellipsis over however, but": patchwork.ellipsis_over(patchwork.CONTRAST),
    "ellipsis over a condition": patchwork.ellipsis_over(patchwork.CONDITION),
    "ellipsis over a sentence": patchwork.ellipsis_over_sentence,
    "ellipsis: far apart": patchwork.ellipsis_far_apart,
    "ellipsis: wrong order": patchwork.ellipsis_wrong_order,
    "ellipsis: two halves": patchwork.ellipsis_halves,
    "clauses shuffled": clauses_shuffled,
    "words shuffled": words_shuffled,
    "sides exchanged": sides_exchanged,
    "from, to exchanged": from_to_exchanged,
    "another paper": patchwork.cross_paper,
    "reference list": patchwork.bibliography,
    "too short": patchwork.too_short,
    "invented": patchwork.invented,
    "retold": patchwork.paraphrase,
    "hidden text": patchwork.hidden,
    "with an instruction": patchwork.with_instruction,
    "other people's words": patchwork.others_words,
}

ARGUABLE: Mapping[str, Falsification] = {
    "truncated: lead": reported_lead_lost,
    "truncated: condition": condition_lost,
    "truncated: place": place_lost,
    "number of a table or section": reference_number,
    "citation changed": citation_changed,
    "three words": patchwork.of_three_words,
}
"""Whether these should be refused, opinions differ: reported, not counted."""

MAY_STAND_IN_PAPER = frozenset(
    {"reference list", "too short", "three words", "hidden text", "other people's words",
     "truncated: lead", "truncated: condition", "truncated: place"}
)  # fmt: skip
"""Classes whose quotes are false although their text, or most of it, is in the PDF."""
