"""Ask a language model, which sees a frame and its quotes but not the paper, whether the quotes support the frame.

The answer is advice for the reviewer. It is separate from the check that the quotes are in the paper, and it neither
blocks nor hides a candidate.
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

MAX_REASON = 300
"""Characters of a reason that are kept."""
MAX_QUOTE = 2_000
"""Characters of one quote that are sent."""
MIN_QUOTE_LIMIT = 200
"""Characters of one quote that may always be sent, however small the model's context window is."""


# The names, docstrings and fields of these two models are in the JSON schema that is sent to the model, and so in the
# fingerprint of each paid call: a change of one letter makes Curator pay for every recorded answer again.
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
    """The result of one model call."""

    support: dict[str, Support]  # by the candidate's id; without the candidates that the answer omits
    call: str  # the call's id in the warehouse


class SupportChecker:
    """Asks a language model about all candidates of one paper at once.

    Attributes:
        name: The prompt's name and hash, and the model's name; stored with each verdict.
    """

    def __init__(self, model: LanguageModel, prompt: Prompt) -> None:
        """Make a checker.

        Args:
            model: The model to ask.
            prompt: With the variables `candidates` and `count`.
        """
        self._model = model
        self._prompt = prompt
        self.name = f"{prompt.name}.md {prompt.sha256[:8]} with {model.name}"

    def check(self, paper: Paper, candidates: Sequence[Candidate]) -> SupportResult:
        """Check whether the quotes that hold support each candidate.

        Args:
            paper: The candidates' paper, to which the call is charged.
            candidates: One or more candidates.

        Returns:
            The verdicts, and the id of the call.

        Raises:
            ModelError: The model could not be asked or gave no usable answer.
        """

        def require_known_candidate(reply: SupportVerdicts) -> None:
            if not any(1 <= verdict.candidate <= len(candidates) for verdict in reply.verdicts):
                raise ModelReplyUnusable("The answer names none of the candidates that were asked about.", "wrong-ids")

        answer = self._model.ask(
            self._prompt,
            self._fill_prompt(candidates),
            SupportVerdicts,
            purpose="support",
            paper=paper,
            check=require_known_candidate,
        )
        by_number = {verdict.candidate: verdict for verdict in reversed(answer.reply.verdicts)}
        support = {
            candidate.id: self._make_support(by_number[number])
            for number, candidate in enumerate(candidates, 1)
            if number in by_number
        }
        return SupportResult(support, answer.call)

    def _fill_prompt(self, candidates: Sequence[Candidate]) -> tuple[dict[str, str], dict[str, str]]:
        max_quote = self._limit_quotes(candidates)
        descriptions = (_describe(number, candidate, max_quote) for number, candidate in enumerate(candidates, 1))
        return self._prompt.fill(candidates="\n\n".join(descriptions), count=str(len(candidates)))

    def _limit_quotes(self, candidates: Sequence[Candidate]) -> int:
        """Return the number of characters of each quote that may be sent, so that all fit the context window."""
        empty = [_describe(number, candidate, 0) for number, candidate in enumerate(candidates, 1)]
        fixed = [self._prompt.system, self._prompt.user, json.dumps(SupportVerdicts.model_json_schema()), *empty]
        settings = self._model.settings
        tokens = settings.context_tokens - settings.answer_tokens
        left = tokens * CHARACTERS_PER_TOKEN - sum(len(text.encode()) for text in fixed)
        quotes = sum(quote.holds for candidate in candidates for quote in candidate.quotes)
        return min(MAX_QUOTE, max(MIN_QUOTE_LIMIT, left // max(1, quotes)))

    def _make_support(self, verdict: _Verdict) -> Support:
        overreach = tuple(dict.fromkeys(verdict.overreach)) if verdict.verdict in ("partly", "overreaches") else ()
        reason = single_line(verdict.reason)[:MAX_REASON] or "No reason was given."
        return Support(verdict.verdict, reason, self.name, overreach)


def _describe(number: int, candidate: Candidate, max_quote: int) -> str:
    """Return the lines that describe a candidate. None of its texts can imitate another candidate."""
    lines = [f'<candidate number="{number}">', f"Statement: {prompt_text(candidate.text)}"]
    if candidate.scope:
        lines.append(f"Said to cover: {prompt_text(candidate.scope)}")
    lines += [_format_quote(quote, max_quote) for quote in candidate.quotes if quote.holds]
    return "\n".join([*lines, "</candidate>"])


def _format_quote(quote: Quote, max_quote: int) -> str:
    text = prompt_text(quote.text)
    text = text if len(text) <= max_quote else text[:max_quote] + " […]"
    return f"Quote ({quote.place}): {text}" if quote.place else f"Quote: {text}"
