"""False quotes that are patched together, or that are not the paper's own words at all."""

from __future__ import annotations

import re
from collections.abc import Callable

from bench.passages import CITATION, Base, is_prose, key

Falsification = Callable[[Base], str | None]

FAR_APART = 25  # sentences
SHARED_RUN = 6  # words in a row that another paper may share by chance
NEGATION = re.compile(r"(?<![\w-])(?:not|no|never|cannot|without|neither|nor)(?![\w-])|n[’']t(?!\w)")
CONDITION = re.compile(
    r"(?:,? )(?:only if|only when|unless|except|if|provided that|but only|as long as) [^,.;()]{8,90}"
)
CONTRAST = re.compile(r"(?:, |; )?\b(?:however|but|although|though|yet|whereas|while)\b[^,.;()]{0,60}")


def like(word: str, new: str) -> str:
    """The new word, with a capital where the old one has it."""
    return new[0].upper() + new[1:] if word[0].isupper() and new else new


def splice(base: Base) -> str | None:
    """The first half of one sentence and the second half of another."""
    other = base.paper.sentences[base.rng.randrange(len(base.paper.sentences))].text.split()
    words = base.paper.sentences[base.at].text.split()
    half, rest = len(words) // 2, len(other) // 2
    return " ".join(words[:half] + other[rest:]) if key(" ".join(other)) != key(" ".join(words)) else None


def middle_sentence_dropped(base: Base) -> str | None:
    middle, last = base.following(1), base.following(2)
    if middle is None or last is None or not is_prose(middle.text) or len(CITATION.sub("", middle.text).split()) < 8:
        return None
    return f"{base.paper.sentences[base.at].text} {last.text}"


def dots(base: Base) -> str:
    return base.rng.choice(base.words.ellipses)


def ellipsis_over(pattern: re.Pattern[str]) -> Falsification:
    """An ellipsis in place of a few words, one of which decides what the sentence says."""

    def falsify(base: Base) -> str | None:
        match = base.find(pattern)
        if match is None:
            return None
        before, after = base.text[: match.start()].split(), base.text[match.end() :].split()
        lead, tail = base.rng.randrange(0, 3), base.rng.randrange(0, 4)
        before, after = before[: len(before) - lead], after[tail:]
        return " ".join(before) + dots(base) + " ".join(after) if len(before) > 3 and len(after) > 3 else None

    return falsify


def ellipsis_over_sentence(base: Base) -> str | None:
    """Two sentences, the one between them, which turns or restricts the first, left out."""
    middle, last = base.following(1), base.following(2)
    turning = r"^(?:However|But|Yet|Nevertheless|Nonetheless|Unfortunately|In contrast|Conversely|On the other hand)\b"
    if middle is None or last is None or not (re.search(turning, middle.text) or NEGATION.search(middle.text)):
        return None
    return f"{base.paper.sentences[base.at].text}{dots(base)}{last.text}"


def ellipsis_far_apart(base: Base) -> str | None:
    sentences = base.paper.sentences
    first = sentences[base.at]
    later = [s for s in sentences[base.at + FAR_APART :] if s.spans[0].page >= first.spans[0].page + 2]
    return f"{first.text.rstrip('.')}{dots(base)}{base.rng.choice(later).text}" if later else None


def ellipsis_wrong_order(base: Base) -> str | None:
    later = base.following(base.rng.choice((1, 2, 3)))
    return f"{later.text}{dots(base)}{base.paper.sentences[base.at].text}" if later else None


def ellipsis_halves(base: Base) -> str | None:
    """Half a sentence, an ellipsis, half of one from elsewhere."""
    sentences = base.paper.sentences
    far = [s for i, s in enumerate(sentences) if abs(i - base.at) > FAR_APART]
    words, other = sentences[base.at].text.split(), base.rng.choice(far).text.split() if far else []
    return " ".join(words[: len(words) // 2]) + dots(base) + " ".join(other[len(other) // 2 :]) if far else None


def cross_paper(base: Base) -> str | None:
    """A passage of another paper that shares no longer run of words with this one."""
    other = base.rng.choice(base.others) if base.others else None
    if other is None or not other.sentences:
        return None
    text = base.rng.choice(other.sentences).text
    words = text.split()
    runs = (" ".join(words[i : i + SHARED_RUN]) for i in range(len(words) - SHARED_RUN + 1))
    return None if any(base.paper.has(run) for run in runs) else text


def bibliography(base: Base) -> str | None:
    """An entry of the reference list, or a part of one, that stands nowhere else."""
    entries = base.paper.entries
    if not entries:
        return None
    entry = base.rng.choice(entries)
    parts = [p for p in re.split(r"\. ", entry) if len(p.split()) >= 5]
    quote = base.rng.choice((entry, *parts))
    return None if key(quote) in base.paper.outside_references else quote


def too_short(base: Base) -> str | None:
    words = base.text.split()
    start, length = base.rng.randrange(len(words) - 2), base.rng.choice((1, 1, 2))
    return " ".join(words[start : start + length]).strip(".,;:()[]“”")


def of_three_words(base: Base) -> str:
    words = base.text.split()
    start = base.rng.randrange(len(words) - 3)
    return " ".join(words[start : start + 3])


def invented(base: Base) -> str | None:
    names = base.paper.entities or base.paper.vocabulary
    if len(names) < 2:
        return None
    a, b = base.rng.sample(names, 2)
    return base.rng.choice(base.words.invented).format(a=a, b=b, n=base.rng.randrange(3, 97))


def paraphrase(base: Base) -> str | None:
    """The sentence told in other words: at least four of them, and its halves exchanged or led in otherwise."""
    text, changes = base.paper.sentences[base.at].text, 0
    table = base.words.synonyms

    def other(match: re.Match[str]) -> str:
        nonlocal changes
        choices = table.choices(match[0])
        changes += bool(choices)
        return like(match[0], base.rng.choice(choices)) if choices else match[0]

    text = table.pattern.sub(other, text)
    return base.rng.choice(base.words.retold).format(text[0].lower() + text[1:]) if changes >= 3 else None


def hidden(base: Base) -> str | None:
    return base.rng.choice(base.paper.planted) if base.paper.planted else None


def with_instruction(base: Base) -> str:
    order = base.rng.choice(base.words.instructions)
    return base.rng.choice((f"{base.text} {order}", f"{order} {base.text}", order))


def others_words(base: Base) -> str | None:
    marked = base.paper.others_words
    return base.rng.choice(marked) if marked else None
