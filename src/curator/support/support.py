"""A second look at what was drafted: a model that sees frame and quotes, and no paper, says whether these carry that.

Advice, kept apart from whether the quotes stand in the paper: it blocks nothing and hides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from curator.errors import ModelReplyUnusable
from curator.llm import LanguageModel
from curator.llm.prompts import Prompt, prompt_text
from curator.llm.usage import CHARACTERS_PER_TOKEN
from curator.sanitize import single_line
from curator.types import Candidate, Paper, Quote, Support

LONGEST_REASON = 300  # characters
LONGEST_QUOTE = 2_000  # characters that are shown of one
SHORTEST_QUOTE = 200  # characters, however small the model's window is


class _Verdict(BaseModel):
    """The reason comes first: a model that has to give it before the verdict judges better."""

    model_config = ConfigDict(extra="forbid")

    candidate: int
    reason: str
    verdict: Literal["supported", "partly", "overreaches", "not supported"]
    overreach: list[Literal["scope", "model size", "causality", "all", "certainty"]]


class SupportVerdicts(BaseModel):
    """The model's answer. No field has a default, so that endpoints with strict schemas take it as it is."""

    model_config = ConfigDict(extra="forbid")

    verdicts: list[_Verdict]


@dataclass(frozen=True)
class SupportResult:
    """What one call said."""

    support: dict[str, Support]  # by candidate; those that the answer leaves out are missing
    call: str


class SupportChecker:
    """Asks a language model about all candidates of one paper at once."""

    def __init__(self, model: LanguageModel, prompt: Prompt) -> None:
        self._model = model
        self._prompt = prompt
        self.name = f"{prompt.name}.md {prompt.sha256[:8]} with {model.name}"

    def check(self, paper: Paper, candidates: Sequence[Candidate]) -> SupportResult:
        """Whether the quotes that hold carry each of `candidates`, which are not empty. Raises ModelError."""

        def names_some(reply: SupportVerdicts) -> None:
            if not any(1 <= verdict.candidate <= len(candidates) for verdict in reply.verdicts):
                raise ModelReplyUnusable("The answer names none of the candidates that were asked about.", "wrong-ids")

        answer = self._model.ask(
            self._prompt, self._messages(candidates), SupportVerdicts, purpose="support", paper=paper, check=names_some
        )
        by_number = {verdict.candidate: verdict for verdict in reversed(answer.reply.verdicts)}
        support = {
            one.id: self._support(by_number[number]) for number, one in enumerate(candidates, 1) if number in by_number
        }
        return SupportResult(support, answer.call)

    def _messages(self, candidates: Sequence[Candidate]) -> tuple[dict[str, str], dict[str, str]]:
        longest = self._room(candidates)
        described = "\n\n".join(_described(number, one, longest) for number, one in enumerate(candidates, 1))
        return self._prompt.fill(candidates=described, count=str(len(candidates)))

    def _room(self, candidates: Sequence[Candidate]) -> int:
        """Characters that may be shown of one quote, so that all fit the model's window."""
        empty = [_described(number, one, 0) for number, one in enumerate(candidates, 1)]
        frame = [self._prompt.system, self._prompt.user, json.dumps(SupportVerdicts.model_json_schema()), *empty]
        settings = self._model.settings
        tokens = settings.context_tokens - settings.answer_tokens
        left = tokens * CHARACTERS_PER_TOKEN - sum(len(text.encode()) for text in frame)
        quotes = sum(quote.holds for one in candidates for quote in one.quotes)
        return min(LONGEST_QUOTE, max(SHORTEST_QUOTE, left // max(1, quotes)))

    def _support(self, verdict: _Verdict) -> Support:
        overreach = tuple(dict.fromkeys(verdict.overreach)) if verdict.verdict in ("partly", "overreaches") else ()
        reason = single_line(verdict.reason)[:LONGEST_REASON] or "No reason was given."
        return Support(verdict.verdict, reason, self.name, overreach)


def _described(number: int, candidate: Candidate, longest_quote: int) -> str:
    """A candidate on lines of their own, where no text can pose as another candidate."""
    lines = [f'<candidate number="{number}">', f"Statement: {prompt_text(candidate.text)}"]
    if candidate.scope:
        lines.append(f"Said to cover: {prompt_text(candidate.scope)}")
    lines += [_quoted(quote, longest_quote) for quote in candidate.quotes if quote.holds]
    return "\n".join([*lines, "</candidate>"])


def _quoted(quote: Quote, longest: int) -> str:
    text = prompt_text(quote.text)
    text = text if len(text) <= longest else text[:longest] + " […]"
    return f"Quote ({quote.place}): {text}" if quote.place else f"Quote: {text}"
