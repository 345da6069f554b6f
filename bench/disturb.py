"""True quotes: a passage of a paper, disturbed the way models and copy-paste disturb it, its meaning untouched.

A disturbance takes a passage and gives the quote, or None where the passage offers it no hold.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bench.passages import AUTHOR_YEAR, CROSS_REFERENCE, MIN_WORDS, NUMBERED, Base, key

Disturbance = Callable[[Base], str | None]

LONG_WORD = 8  # letters; shorter words are not parted
SLIP_WORD = 10  # letters; slips in shorter words may give another word
EXACT_HEAD = 3  # letters at the start of a word that no slip touches: negating prefixes
EXACT_TAIL = 3  # and at its end: -ed, -less
BESIDE_ELLIPSIS = 4  # words at least, on either side
WRAP_AT = (40, 60, 80, 100)  # characters in a line
DECISIVE = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|fail\w*|lack\w*|unless|until|if|when|whenever|where|only|except|"
    r"however|but|yet|although|though|while|whereas|despite|unlike|rather|may|might|could|can|should|would|must|"
    r"all|certain|some|most|many|few|every|each|any|both|more|less|fewer|than|almost|hardly|barely|suppose|assum\w*|provided|"
    r"because|since|either|or|instead|even|whether|versus|vs|compared|false|untrue|un\w+|non\w*|im\w+|in\w+able)\b|n[’']t\b|\d",
    re.IGNORECASE,
)
"""Words whose loss may change what a sentence says: true quotes leave out nothing that has one of them."""

_LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
_WORD = re.compile(r"(?<![\w-])[a-z]+(?![\w-])")
_COMPOUND = re.compile(r"(?<![\w-])([a-z]{4,})-([a-z]{4,})(?![\w-])")
_NEGATING = frozenset({
    "anti", "half", "semi", "less", "free", "self", "cross", "multi", "under", "over", "none", "post", "many", "much",
    "well",
})  # fmt: skip
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
    "Delta Gamma Lambda Sigma Phi Psi Omega Theta"
)
_GREEK = dict(zip("αβγδεζηθκλμνξπρστφχψωΔΓΛΣΦΨΩΘ", _GREEK_NAMES.split(), strict=True))
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "≤": ("<=", r"\leq", r"$\le$", "⩽"),
    "≥": (">=", r"\geq", r"$\ge$", "⩾"),
    "×": ("x", r"\times", r"$\times$"),
    "≈": ("~", r"\approx", r"$\approx$"),
    "∼": ("~", r"\sim", r"$\sim$"),
    "→": ("->", r"\to", r"$\rightarrow$", "-->"),
    "∈": (r"\in", r"$\in$"),
    "±": ("+/-", r"\pm", r"$\pm$", "+-"),
    "−": ("-", "–", r"$-$"),
    "≠": ("!=", r"\neq"),
    "∞": (r"\infty", r"$\infty$"),
    "·": (r"\cdot", "*"),
    "%": (r"\%", " %"),
    "&": (r"\&", "&amp;"),
    "_": (r"\_",),
}


def verbatim(base: Base) -> str:
    return base.text


def white_space(base: Base) -> str:
    """Some blanks become other white space."""
    pieces = base.text.split(" ")
    blanks = (base.rng.choice((" ", " ", *base.words.blanks)) for _ in pieces[1:])
    return pieces[0] + "".join(blank + piece for blank, piece in zip(blanks, pieces[1:], strict=True))


def wrapped(base: Base, at_break: str = "\n") -> str:
    """Set in lines of some width, words parted at line ends."""
    width, line, lines = base.rng.choice(WRAP_AT), "", []
    for word in base.text.split(" "):
        room = width - len(line)
        if word.isalpha() and word.islower() and len(word) >= LONG_WORD and 3 <= room < len(word) - 2:
            lines.append(f"{line}{word[:room]}-")
            line = word[room:] + " "
        elif len(word) > room:
            lines.append(line.rstrip())
            line = word + " "
        else:
            line += word + " "
    return at_break.join([*lines, line.rstrip()])


def line_end_hyphens(base: Base) -> str | None:
    quote = wrapped(base)
    return quote if "-\n" in quote else None


def line_end_hyphens_on_one_line(base: Base) -> str | None:
    quote = wrapped(base)
    return quote.replace("\n", " ") if "-\n" in quote else None


def real_hyphen_at_line_end(base: Base) -> str | None:
    """ "fine-tuning" broken at its own hyphen, or mended as if the hyphen were not its own."""
    joint = base.rng.choice(("-\n", "- ", "", "\u2010", "\u2011"))
    return _exchange(base, _COMPOUND, lambda m: m[1] + joint + m[2] if m[1] not in _NEGATING else None)


def soft_hyphens(base: Base) -> str | None:
    def parted(match: re.Match[str]) -> str | None:
        word = match[0]
        cut = base.rng.randrange(2, len(word) - 1) if len(word) >= LONG_WORD else 0
        return f"{word[:cut]}{base.rng.choice(invisible)}{word[cut:]}" if cut else None

    invisible = ("\u00ad", "\u00ad", "\u200b", "\ufeff", "\u2060", "\u200c")
    return _exchange(base, _WORD, parted, times=4)


def ligatures(base: Base) -> str | None:
    """Letters written as one."""
    quote = base.text
    for spelled, letter in _LIGATURES.items():
        quote = quote.replace(spelled, letter)
    return quote if quote != base.text else None


def ligatures_lost(base: Base) -> str | None:
    """ "signi cant", "signicant", "signi�cant": what is left when a font does not say what its ligatures are."""
    left = base.rng.choice(("", " ", "�"))
    pattern = re.compile(r"(?<![\w-])([a-z]{3,})(ffi|ffl|ff|fi|fl)([a-z]{3,})(?![\w-])")
    return _exchange(base, pattern, lambda m: m[1] + left + m[3], times=3)


def quotes_and_apostrophes(base: Base) -> str | None:
    pairs = (("“", '"'), ("”", '"'), ("’", "'"), ("‘", "'"))
    if base.rng.random() < 0.5:
        pairs = (("“", "``"), ("”", "''"), ("’", "´"), ("‘", "`"))
    return _replaced(base.text, pairs) or _replaced(base.text, (("'", "’"), ('"', "“")))


def dashes(base: Base) -> str | None:
    other = base.rng.choice((" - ", "--", " – ", "—", " — ", "---"))
    quote = re.sub(r"(?<=[a-z])(?:\s[—–]\s?|\s?[—–]\s|—|\s-{1,3}\s)(?=[a-z])", other, base.text)
    quote = re.sub(r"(?<=\d)[–—](?=\d)", base.rng.choice("-‐–"), quote)
    return quote if quote != base.text else None


def case_at_start(base: Base) -> str | None:
    first = base.text.split()[0]
    return base.text[0].lower() + base.text[1:] if re.fullmatch(r"[A-Z][a-z]*,?", first) else None


def full_stop(base: Base) -> str:
    """The final full stop left out or exchanged for what the quoting sentence needs."""
    return base.text.rstrip(".") + base.rng.choice(("", "", ",", ";", "..", " ."))


def clause(base: Base) -> str | None:
    """A stretch between commas, with or without a full stop, of a sentence with nothing else of weight."""
    sentence = base.paper.sentences[base.at].text
    parts = sentence.rstrip(".").split(", ")
    fit = [i for i, part in enumerate(parts) if len(part.split()) >= MIN_WORDS and "(" not in part and ")" not in part]
    if len(parts) < 2 or not fit:
        return None
    chosen = base.rng.choice(fit)
    rest = ", ".join(part for i, part in enumerate(parts) if i != chosen)
    if DECISIVE.search(rest) or re.match(r"(?:and|or|which|that|who|whose)\b", parts[chosen]):
        return None
    end = base.rng.choice(("", ".", ",")) if re.search(r"[a-z]$", parts[chosen]) else ""
    quote = parts[chosen] + end
    return base.rng.choice((quote, quote[0].upper() + quote[1:]))


def marks_around(base: Base) -> str:
    return base.rng.choice(base.words.quotation_marks).format(base.text)


def citations_left_out(base: Base) -> str | None:
    """All of "[12]" and "(Smith et al., 2023)" gone; of "Smith et al. [12]" or "Smith et al. (2023)" the marker."""
    quote = re.sub(rf"\s?(?:{NUMBERED}|{AUTHOR_YEAR})", "", base.text)
    if base.rng.random() < 0.5:
        quote = re.sub(r"(?<=et al\.)\s\((?:19|20)\d\d[a-z]?\)", "", quote)
    quote = quote.replace("al..", "al.")
    left = len(quote.split())
    return quote if quote != base.text and left >= MIN_WORDS and not re.search(r"\(\s*[,;]|[,;]\s*\)", quote) else None


def footnote_marks(base: Base) -> str | None:
    mark = base.rng.choice(base.words.notes)
    return _exchange(base, re.compile(r"(?<=[a-z]{3})[.,](?=\s|$)"), lambda m: m[0] + mark)


def mathematics(base: Base) -> str | None:
    """Signs, Greek letters and exponents as a model types them."""

    def other(match: re.Match[str]) -> str | None:
        sign = str(match[0])
        beside = match.string[max(0, match.start() - 1) : match.end() + 1]
        if sign in _GREEK:
            name = _GREEK[sign]
            stands_free = not any(c.isalnum() for c in beside.replace(sign, ""))
            forms = [f"\\{name} ", f"$\\{name}$", f"{{\\{name}}}"]
            return base.rng.choice([*forms, name] if stands_free else forms)
        return base.rng.choice(_SIGNS[sign])

    pattern = re.compile("[" + re.escape("".join((*_GREEK, *_SIGNS))) + "]")
    return _exchange(base, pattern, other, times=8)


def exponents(base: Base) -> str | None:
    """10−3 and x2 as the reader gives them, written as powers."""
    style = base.rng.choice(("10^{{{}}}", "$10^{{{}}}$", "10^{}", "10**{}", "10^({})"))
    return _exchange(base, re.compile(r"(?<![\w.])10\^?([−-]\d)(?![\d.])"), lambda m: style.format(m[1]), times=4)


def numbers_in_tex(base: Base) -> str | None:
    pattern = re.compile(r"(?<![\w.,/$-])(\d+(?:\.\d+)?)(?![\w.,/:-]*\w|%)")
    style = base.rng.choice(("${}$", r"\({}\)", r"$\mathbf{{{}}}$"))

    def in_tex(match: re.Match[str]) -> str | None:
        cited = any(start <= match.start() < end for start, end in base.masked)
        return None if cited else style.format(match[1])

    return _exchange(base, pattern, in_tex, times=3)


def mathematical_letters(base: Base) -> str | None:
    """Single letters as the alphabet of mathematical italics has them: 𝑥."""

    def italic(match: re.Match[str]) -> str | None:
        letter = match[0]
        start = 0x1D44E if letter.islower() else 0x1D434
        return "ℎ" if letter == "h" else chr(start + ord(letter.lower()) - ord("a"))

    return _exchange(base, re.compile(r"(?<![\w.’'-])[b-zB-HJ-Z](?![\w.’'-])"), italic, times=9)


def accents_lost(base: Base) -> str | None:
    quote = re.sub(r"(?<=[A-Za-z])[\u0300-\u0315\u0323-\u0331]+", "", unicodedata.normalize("NFD", base.text))
    return quote if quote != unicodedata.normalize("NFD", base.text) else None


def unicode_forms(base: Base) -> str | None:
    return next(
        (quote for form in ("NFD", "NFKD", "NFKC") if (quote := unicodedata.normalize(form, base.text)) != base.text),
        None,
    )


def markdown(base: Base) -> str:
    return _emphasised(base, base.words.emphasis)


def tags(base: Base) -> str:
    return _emphasised(base, base.words.tags)


def entities(base: Base) -> str | None:
    quote = html.escape(base.text).replace("—", "&mdash;").replace("–", "&ndash;").replace("é", "&eacute;")
    quote = quote.replace("’", "&rsquo;").replace("“", "&ldquo;").replace("”", "&#8221;")
    return re.sub(r" ", "&nbsp;", quote, count=2) if base.rng.random() < 0.5 or quote == base.text else quote


def typo(base: Base) -> str | None:
    """One letter of a long word lost, doubled, exchanged with its neighbour or mistyped."""

    def slipped(match: re.Match[str]) -> str | None:
        word = match[0]
        if len(word) < SLIP_WORD:
            return None
        at = base.rng.randrange(EXACT_HEAD, len(word) - EXACT_TAIL - 1)
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + base.rng.choice("eaointrs") + word[at + 1 :],
        )
        slip = base.rng.choice(slips)
        return slip if slip != word and key(slip) not in base.paper.haystack else None

    return _exchange(base, _WORD, slipped)


def doubled_word(base: Base) -> str | None:
    """The same word twice, at a line end say; not one that decides what is said."""
    pattern = re.compile(r"(?<![\w-])(?:the|of|to|in|that|is|and|for|with|we|[a-z]{5,})(?![\w’'-])")
    return _exchange(base, pattern, lambda m: None if DECISIVE.fullmatch(m[0]) else f"{m[0]} {m[0]}")


def spelling(base: Base) -> str | None:
    table = base.words.spelling
    return _exchange(base, table.pattern, lambda m: _like(m[0], next(iter(table.choices(m[0])), None)), times=3)


def comma(base: Base) -> str | None:
    """A comma lost, or one put before "and" or after an opening adverb."""
    if base.rng.random() < 0.6:
        return _exchange(base, re.compile(r"(?<=[a-z]),(?= [a-z])"), lambda _: "")
    return _exchange(base, re.compile(r"(?<=[a-z]{3}) and (?=[a-z]{3})"), lambda m: "," + m[0])


def ellipsis_for_citation(base: Base) -> str | None:
    pattern = re.compile(rf"(?<=[a-z]{{3}})\s(?:{NUMBERED}|{AUTHOR_YEAR})(?=,?\s[a-z])")
    match = base.rng.choice(list(pattern.finditer(base.text)) or [None])
    return _left_out(base, match)


def ellipsis_for_parenthesis(base: Base) -> str | None:
    """For an abbreviation, examples or a pointer to another place, in parentheses."""
    kinds = r"[A-Z][A-Z-]{1,8}s?|e\.g\.,? [^()]{4,80}|(?:see |cf\. )?(?:Section|Figure|Table|Appendix|Fig\.) [A-Z\d.]+"
    found = re.finditer(rf"(?<=[a-z]{{3}})\s\((?:{kinds})\)(?=,?\s[a-z])", base.text)
    harmless = [m for m in found if CROSS_REFERENCE.search(m[0]) or not DECISIVE.search(m[0])]
    return _left_out(base, base.rng.choice(harmless or [None]))


def ellipsis_for_filler(base: Base) -> str | None:
    fillers = r", (?:for example|for instance|in particular|respectively|as described above|in this work|of course),"
    match = base.rng.choice(list(re.finditer(fillers, base.text)) or [None])
    return _left_out(base, match)


def ellipsis_around(base: Base) -> str:
    """A quote that says that the text goes on."""
    dots = base.rng.choice(("...", "…", "[...]"))
    before, after = base.rng.choice(((True, False), (False, True), (True, True)))
    return (f"{dots} " if before else "") + base.text + (f" {dots}" if after else "")


def several_at_once(base: Base) -> str | None:
    quote = base.text
    for disturbance in base.rng.sample(LAYOUT, base.rng.choice((2, 3, 4))):
        quote = disturbance(replace(base, text=quote)) or quote
    return quote if quote != base.text else None


def synonym(base: Base) -> str | None:
    table = base.words.synonyms
    return _exchange(base, table.pattern, lambda m: _like(m[0], base.rng.choice(table.choices(m[0]) or (None,))))


def article(base: Base) -> str | None:
    return _exchange(base, re.compile(r"(?<= )(?:the|a|an) (?=[a-z])"), lambda _: "")


def plural(base: Base) -> str | None:
    return _exchange(base, re.compile(r"(?<=[a-z]{5}[^s\W])s(?= [a-z])"), lambda _: "")


def citation_style(base: Base) -> str | None:
    """Citations that another style sets: only that there is one is left."""
    style = base.rng.choice(("[{}]", "({})", "[Ref. {}]", "[CITATION]"))
    quote = re.sub(f"{NUMBERED}|{AUTHOR_YEAR}", style.format(base.rng.randrange(1, 90)), base.text)
    return quote if quote != base.text else None


def _exchange(
    base: Base, pattern: re.Pattern[str], make: Callable[[re.Match[str]], str | None], times: int = 1
) -> str | None:
    """The text with up to so many matches, drawn at random, made into something else."""
    made = [(match, new) for match in pattern.finditer(base.text) if (new := make(match)) is not None]
    quote = base.text
    chosen = base.rng.sample(made, min(times, len(made)))
    for match, new in sorted(chosen, key=lambda pair: -pair[0].start()):
        quote = quote[: match.start()] + new + quote[match.end() :]
    return quote if quote != base.text else None


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str | None:
    quote = text
    for old, new in pairs:
        quote = quote.replace(old, new)
    return quote if quote != text else None


def _like(word: str, new: str | None) -> str | None:
    return new[0].upper() + new[1:] if new and word[0].isupper() else new


def _emphasised(base: Base, styles: Iterable[str]) -> str:
    """One to four neighbouring words, sometimes the whole quote, set off."""
    style, words = base.rng.choice(tuple(styles)), base.text.split(" ")
    start = base.rng.randrange(len(words))
    end = start + base.rng.choice((1, 1, 2, 4))
    if base.rng.random() < 0.2:
        start, end = 0, len(words)
    return " ".join((*words[:start], style.format(" ".join(words[start:end])), *words[end:]))


def _left_out(base: Base, match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    before, after = base.text[: match.start()].rstrip(), base.text[match.end() :].lstrip()
    if min(len(before.split()), len(after.split())) < BESIDE_ELLIPSIS:
        return None
    return before + base.rng.choice(base.words.ellipses) + after


LAYOUT: tuple[Disturbance, ...] = (
    white_space, line_end_hyphens, soft_hyphens, ligatures, quotes_and_apostrophes, dashes, case_at_start, full_stop,
    marks_around, citations_left_out, unicode_forms, markdown, spelling, mathematics,
)  # fmt: skip

TRUE: Mapping[str, Disturbance] = {
    "verbatim": verbatim,
    "white space": white_space,
    "line breaks": wrapped,
    "line-end hyphens kept": line_end_hyphens,
    "line-end hyphens, one line": line_end_hyphens_on_one_line,
    "real hyphens at line ends": real_hyphen_at_line_end,
    "soft hyphens, zero width": soft_hyphens,
    "ligatures": ligatures,
    "ligatures lost": ligatures_lost,
    "quotation marks, apostrophes": quotes_and_apostrophes,
    "dashes": dashes,
    "case at the start": case_at_start,
    "final full stop": full_stop,
    "a clause": clause,
    "quotation marks around": marks_around,
    "citations left out": citations_left_out,
    "footnote marks": footnote_marks,
    "mathematics": mathematics,
    "exponents": exponents,
    "numbers in TeX": numbers_in_tex,
    "mathematical letters": mathematical_letters,
    "accents lost": accents_lost,
    "Unicode forms": unicode_forms,
    "Markdown": markdown,
    "tags": tags,
    "HTML entities": entities,
    "typo in a long word": typo,
    "doubled word": doubled_word,
    "British, American": spelling,
    "comma": comma,
    "ellipsis for a citation": ellipsis_for_citation,
    "ellipsis for a parenthesis": ellipsis_for_parenthesis,
    "ellipsis for a filler": ellipsis_for_filler,
    "ellipsis around": ellipsis_around,
    "several at once": several_at_once,
}

ARGUABLE: Mapping[str, Disturbance] = {
    "one synonym": synonym,
    "an article lost": article,
    "a plural lost": plural,
    "citations in another style": citation_style,
}
"""Whether these should hold, opinions differ: reported, not counted."""
