"""Assign a text to the list's topics by the words of the topics' names and descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from curator.quotes.normalize import normalize
from curator.settings import Topic

_SPECIFIC = re.compile(r"[a-z]+(?:-[a-z]+)+|[a-z-]{9,}|[a-z-]{3,}(?: [a-z-]{3,}){1,2}")
"""A phrase of two or three words, or one long word. "memory" and "facts" are in every paper."""
_VAGUE = re.compile(
    r"\b(?:the|they|their|them|that|what|when|whether|how|why|which|where|are|can|its|this|these|with|from|for|"
    r"in|on|to|by|it|is|mechanisms?|behaviou?rs?|examples?|language models?|training|character|themselves)\Z|"
    r"\b(?:the|they|their|that|what|when|whether|how|why|which|language)\b"
)
_ENDING = re.compile(r"(?<=[aeiou][vsz])(?:ations?|als?|es?|ed|ing)\Z|(?<=\w{3}[^\Ws])s\Z")


@dataclass(frozen=True)
class TopicWords:
    """A topic, and the words and phrases by which it is recognised."""

    name: str
    words: frozenset[str]

    @classmethod
    def from_text(cls, name: str, about: str) -> TopicWords:
        """Take the words from a topic's name, and the specific phrases from its description.

        Args:
            name: The topic's name.
            about: Its description, a list of phrases between commas.

        Returns:
            The topic with its words, in lower case.
        """
        named = {phrase.strip() for phrase in re.split(r",|\band\b|\bor\b", name.casefold())}
        listed = {phrase.strip() for phrase in re.split(r"[,;:.]|\band\b|\bor\b|\sof\s", about.casefold())}
        specific = {phrase for phrase in listed if _SPECIFIC.fullmatch(phrase) and not _VAGUE.search(phrase)}
        return cls(name, frozenset(phrase for phrase in named | specific if phrase))


def extract_topic_words(topics: Iterable[Topic]) -> list[TopicWords]:
    """Return the words by which the topics of the settings are recognised."""
    return [TopicWords.from_text(topic.name, topic.about) for topic in topics]


def match_topics(topics: Sequence[TopicWords], text: str) -> tuple[str, ...]:
    """Return the names of the topics that a text mentions."""
    words = _fold_words(text)
    return tuple(topic.name for topic in topics if any(_occurs(phrase, words) for phrase in topic.words))


def _occurs(phrase: str, words: str) -> bool:
    folded = _fold_words(phrase)
    return bool(folded.strip()) and folded in words


def _fold_words(text: str) -> str:
    """Return the words between spaces, without endings: "refusal" is "refuses", "memorise" is "memorization"."""
    words = (re.sub("is$", "iz", _ENDING.sub("", word)) for word in re.findall(r"[^\W_]+", normalize(text).text))
    return f" {' '.join(words)} "
