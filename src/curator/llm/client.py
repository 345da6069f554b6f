"""Asking: what was paid for is not asked again, what the settings do not allow is not asked at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic

from curator.errors import AnswerLater, BudgetReached, ModelError, ModelRefused, ModelReplyUnusable, ModelUnavailable
from curator.llm import responses, usage
from curator.llm.batch import BatchQueue, Question
from curator.llm.budget import Budget
from curator.llm.endpoint import UNREADABLE, Endpoint, brief_error, model_name, timed_out, wait_before_retry, was_sent
from curator.llm.responses import Message, Reply
from curator.sanitize import refuse_deep_json
from curator.settings import DraftSettings
from curator.types import Paper
from curator.warehouse import Connection, Warehouse, costs
from curator.warehouse.model_calls import MaxUsage, ModelCall, add_call, load_paid_reply, load_paid_requests, start_call

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

    from curator.llm.prompts import Prompt

GIVE_UP_AFTER = (
    5  # questions in a row without any answer: the endpoint is down, and asking for the other papers is no use
)


@dataclass(frozen=True)
class ModelAnswer(Generic[Reply]):
    reply: Reply
    call: str  # its id in the warehouse
    paid_before: bool  # it was on record already, and nothing was asked
    estimated: bool = False  # the endpoint did not report what the call used


@dataclass(frozen=True)
class _Question(Generic[Reply]):
    """What is asked, in one call or, where the first gives no answer, in several."""

    call: ModelCall  # as it goes on record where nothing goes wrong
    messages: Sequence[Message]
    schema: type[Reply]
    check: Callable[[Reply], None]
    paper: Paper | None


@dataclass(frozen=True)
class _Outcome(Generic[Reply]):
    """What came of one call."""

    call: ModelCall
    reply: Reply | None = None
    error: ModelError | None = None
    fault: Exception | None = None  # the SDK's
    refuses_schema: bool = False


class LanguageModel:
    """One model at one endpoint, for one run. Safe to share between threads. Raises SettingsError when made."""

    def __init__(
        self,
        name: str | None,
        settings: DraftSettings,
        warehouse: Warehouse,
        run: str,
        purse: Budget | None = None,
        batches: BatchQueue | None = None,
    ) -> None:
        self.name = model_name(name)
        self.settings = settings
        self._purse = purse or Budget()
        self._warehouse = warehouse
        self._run = run
        self._batches = batches
        self._endpoint = batches.endpoint if batches else Endpoint(settings.seconds)
        self._calls = threading.BoundedSemaphore(settings.calls_at_once)
        self._unanswered = 0  # questions in a row
        self._refused: ModelRefused | None = None
        self._takes_schema = True
        self._longest = 0  # tokens of the longest answer in this run
        self._paid = warehouse.read(load_paid_requests)

    def beside(self, name: str, settings: DraftSettings) -> LanguageModel:
        """Another model at the same endpoint: both together keep to `calls_at_once`; one refused leaves the other."""
        other = LanguageModel(name, settings, self._warehouse, self._run, self._purse, self._batches)
        other._calls = self._calls
        return other

    def ask(
        self,
        prompt: Prompt,
        messages: Sequence[Message],
        schema: type[Reply],
        *,
        purpose: str,
        paper: Paper | None = None,
        check: Callable[[Reply], None] = lambda reply: None,
    ) -> ModelAnswer[Reply]:
        """Put `messages` to the model and return its answer as a `schema`; the call is kept, whatever comes of it.

        `check` may raise ModelReplyUnusable: such an answer counts as none, and is asked for again another time.

        Raises AnswerLater (the question went into a batch), ModelReplyUnusable (no JSON, cut short, refused, empty),
        ModelUnavailable (no answer, rate limit, server error), ModelRefused (wrong key, unknown model, endpoint down,
        budget: no further call of this run is tried).
        """
        request = responses.fingerprint(self.name, messages, schema, self.settings.temperature)
        paid = self._paid_reply(request)
        if paid is not None:
            return ModelAnswer(responses.parse(paid[1], schema), paid[0], paid_before=True)
        call = ModelCall(request, purpose, prompt.name, prompt.sha256, self.name, list(messages), outcome="ok")
        question = _Question(call, messages, schema, check, paper)
        self._perhaps_later(question)
        with self._calls:
            answer = self._until_answered(question)
        self._paid.add(request)
        return answer

    def _perhaps_later(self, question: _Question[Reply]) -> None:
        """Raises AnswerLater where the question is in a batch, or goes into one now; BudgetReached."""
        call = question.call
        if self._batches is None:
            return
        if self._batches.is_out(call.request):
            raise AnswerLater("The model's answer to it is still to come, in a batch.", "batch")
        if not self._batches.takes(call):
            return
        body = responses.body(self.name, question.messages, question.schema, self.settings)
        most = usage.max_usage(body, self.settings, self._longest_answer())
        at_most = (usage.cost_at_most(self.settings, most) or 0.0) * self.settings.batch_price
        with self._spending(at_most) as pay:
            pay(at_most)
        self._batches.put(Question(call, body, question.paper, at_most, pay, most))
        raise AnswerLater("Its question goes to the model in a batch; a later run collects the answer.", "batch")

    def _until_answered(self, question: _Question[Reply]) -> ModelAnswer[Reply]:
        """Ask, and ask again where that may help. Each time is a call of its own: set aside, recorded and paid for.

        A call that timed out is not repeated in this run: it may have been billed, and would time out again.
        Raises ModelError.
        """
        failures = 0
        while True:
            if self._refused:
                raise self._refused
            with_schema = self._takes_schema  # other calls may find out meanwhile that it is not taken
            call_id, outcome = self._pay_for_call(question, with_schema)
            if outcome.refuses_schema and with_schema:
                self._takes_schema = False  # json_object then, with the schema said in words
                continue
            if outcome.error is None:
                self._unanswered = 0
                assert outcome.reply is not None  # there is one or the other
                return ModelAnswer(outcome.reply, call_id, paid_before=False, estimated=outcome.call.estimated)
            failures += 1
            wait = self._wait(outcome, failures)
            if wait is None:
                raise self._counted(outcome) from outcome.fault
            time.sleep(wait)

    def _pay_for_call(self, question: _Question[Reply], with_schema: bool) -> tuple[str, _Outcome[Reply]]:
        """Make one call and return its id and what came of it, on record. Raises BudgetReached.

        The call is on record before it is sent, so that it is counted even if this process is killed meanwhile.
        """
        asked = responses.body(self.name, question.messages, question.schema, self.settings, with_schema=with_schema)
        most = usage.max_usage(asked, self.settings, self._longest_answer())
        known = usage.cost_at_most(self.settings, most)
        at_most = known or 0.0

        def start(connection: Connection) -> str:
            if self._purse.has_month:
                self._purse.check_month(costs.sum_spent_this_month(connection), at_most)
            return start_call(connection, self._run, question.call, question.paper, most, known)

        with self._spending(at_most) as pay:
            started = self._warehouse.write(start)
            try:
                outcome = self._attempt(question, asked, most)
                self._warehouse.write(add_call, self._run, outcome.call, question.paper, started)
            except BaseException:  # nobody knows what the call came to; its start stays on record
                pay(at_most)
                raise
            pay(outcome.call.cost)
            self._longest = max(self._longest, outcome.call.tokens_out or 0)
        return started, outcome

    def _longest_answer(self) -> int:
        """Return the tokens of the longest answer that this run had from the model, live or in a batch."""
        collected = self._batches.longest.get(self.name, 0) if self._batches else 0
        return max(self._longest, collected)

    @contextmanager
    def _spending(self, at_most: float) -> Iterator[Callable[[float | None], None]]:
        try:
            with self._purse.spending(at_most) as pay:
                yield pay
        except BudgetReached as error:
            self._refused = error
            raise

    def _paid_reply(self, request: str) -> tuple[str, str] | None:
        if request not in self._paid:
            return None
        return self._warehouse.read(load_paid_reply, request)

    def _attempt(self, question: _Question[Reply], asked: dict[str, Any], most: MaxUsage) -> _Outcome[Reply]:
        """Send one request, and judge and book what comes back."""
        import openai

        call, began = question.call, time.monotonic()
        status: int | None = None
        answer: object = None
        fault: Exception | None = None
        try:
            raw = self._endpoint.client().chat.completions.with_raw_response.create(**asked)
            status, text = raw.http_response.status_code, raw.http_response.text
            answer = usage.body_of(text)
            refuse_deep_json(text)
            completion: ChatCompletion = raw.parse()
            _refuse_page(completion)
            call = responses.with_reply(call, completion, time.monotonic() - began)
            reply = responses.parse(responses.content(completion), question.schema)
            question.check(reply)
            return _Outcome(usage.book_usage(call, status, answer, self.settings, most), reply)
        except ModelError as error:
            meant = error
        except openai.OpenAIError as error:
            meant, fault = self._endpoint.translated(error, self.name), error
            if isinstance(error, openai.APIStatusError):
                status, answer = error.status_code, usage.body_of(error.response.text)
        except UNREADABLE as error:
            meant = ModelReplyUnusable(f"The endpoint's answer cannot be read: {brief_error(error)}", "garbled")
            fault = error
        call = replace(call, outcome=meant.code, message=meant.message, seconds=time.monotonic() - began)
        if isinstance(fault, openai.OpenAIError) and not was_sent(fault):
            call = usage.unbilled(call, self.settings)
        else:
            call = usage.book_usage(call, status, answer, self.settings, most)
        return _Outcome(call, error=meant, fault=fault, refuses_schema=_refuses_schema(fault))

    def _wait(self, outcome: _Outcome[Reply], failures: int) -> float | None:
        """Return the seconds to wait before the question is asked again; None where this run asks it no more."""
        import openai

        fault = outcome.fault
        if isinstance(outcome.error, ModelRefused) or not isinstance(fault, openai.OpenAIError) or timed_out(fault):
            return None
        return wait_before_retry(fault, failures)

    def _counted(self, outcome: _Outcome[Reply]) -> ModelError:
        """Return the error to raise; too many questions in a row without any answer make it the last."""
        meant = outcome.error
        assert meant is not None  # only failures get here
        if isinstance(meant, ModelUnavailable) and meant.code in ("no-answer", "server-error"):
            self._unanswered += 1
            if self._unanswered >= GIVE_UP_AFTER:
                said = brief_error(outcome.fault)
                meant = ModelRefused(
                    f"The model's endpoint gave no answer {GIVE_UP_AFTER} times in a row; the last was: {said}", "down"
                )
        else:
            self._unanswered = 0
        if isinstance(meant, ModelRefused):
            self._refused = meant
        return meant


def _refuse_page(completion: object) -> None:
    """Raises ModelRefused for a text, which is what the SDK makes of a web page."""
    if isinstance(completion, str):
        raise ModelRefused(
            "OPENAI_BASE_URL answers, but not as an OpenAI-compatible endpoint; it usually ends in /v1.", "not-an-api"
        )


def _refuses_schema(fault: Exception | None) -> bool:
    import openai

    refused = isinstance(fault, openai.BadRequestError | openai.UnprocessableEntityError)
    return refused and "response_format" in str(fault)
