"""Ask a model a question, but never again if the answer is paid for, and never beyond the budget."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic

from curator.errors import (
    AnswerLater,
    BudgetReached,
    ModelError,
    ModelRefused,
    ModelReplyUnusable,
    ModelUnavailable,
    PromptTooLong,
    RequestRejected,
)
from curator.llm import responses, usage
from curator.llm.answer_fields import Reply
from curator.llm.answer_text import find_answer, parse_response
from curator.llm.batch_queue import BatchQuestion, BatchQueue
from curator.llm.budget import Budget
from curator.llm.endpoint import (
    MAX_RETRIES,
    UNREADABLE_ERRORS,
    Endpoint,
    brief_error,
    compute_wait,
    has_timed_out,
    model_name,
    translate_reported,
    wait_before_retry,
    was_sent,
)
from curator.llm.form_finder import FormFinder
from curator.llm.request_form import RequestForm
from curator.llm.responses import Message, ParsedReply
from curator.settings import DraftSettings
from curator.types import Paper
from curator.warehouse import Connection, Warehouse, costs
from curator.warehouse.model_calls import MaxUsage, ModelCall, add_call, load_paid_reply, load_paid_requests, start_call

if TYPE_CHECKING:
    from curator.llm.prompts import Prompt

GIVE_UP_AFTER = 5
"""Consecutive questions without an answer after which the endpoint counts as down and no other paper is tried."""
MAX_REJECTED = 3
"""Consecutive questions that the endpoint rejects after which no other paper is tried."""
_REFUSES_WITH = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.NOT_IMPLEMENTED})
"""Server errors with which some endpoints refuse a parameter."""


@dataclass(frozen=True)
class ModelAnswer(Generic[Reply]):
    """A model's answer to one question."""

    reply: Reply
    call: str  # the call's id in the warehouse
    paid_before: bool  # the warehouse held the answer already, so the model was not asked
    estimated: bool = False  # the endpoint did not report the tokens of the call
    notes: tuple[str, ...] = ()  # on parts of the answer that were mended or left out
    reports_cache: bool = False  # the endpoint reported how many tokens came from its cache


@dataclass(frozen=True)
class _Question(Generic[Reply]):
    """A question, which is asked in one call or, after failures, in several."""

    call: ModelCall  # the record of a successful call
    messages: Sequence[Message]
    schema: type[Reply]
    check: Callable[[Reply], None]
    paper: Paper | None


@dataclass(frozen=True)
class _Outcome(Generic[Reply]):
    """The result of one call: a reply or an error."""

    call: ModelCall
    parsed: ParsedReply[Reply] | None = None
    error: ModelError | None = None
    fault: Exception | None = None  # the exception behind the error, usually the SDK's
    status: int | None = None  # of HTTP
    headers: Mapping[str, str] = field(default_factory=dict)  # of an answer with HTTP 200

    @property
    def is_accepted(self) -> bool:
        """Whether the endpoint took the request in its form, whatever it answered."""
        return self.status == HTTPStatus.OK and not isinstance(self.error, ModelUnavailable | ModelRefused)


class LanguageModel:
    """One model at one endpoint, for one run. Safe to share between threads.

    Args:
        name: The model's name at its endpoint.
        settings: Limits and prices of calls.
        warehouse: Records the calls, and holds earlier answers.
        run: The id of the run.
        budget: The budget of the run; unlimited by default.
        batches: The queue for questions that can wait; without it, every question is asked live.

    Raises:
        SettingsError: No model is named, or the endpoint's address or key is invalid.
    """

    def __init__(
        self,
        name: str | None,
        settings: DraftSettings,
        warehouse: Warehouse,
        run: str,
        budget: Budget | None = None,
        batches: BatchQueue | None = None,
    ) -> None:
        self.name = model_name(name)
        self.settings = settings
        self._budget = budget or Budget()
        self._warehouse = warehouse
        self._run = run
        self._batches = batches
        self._endpoint = batches.endpoint if batches else Endpoint(settings.seconds)
        self._calls = threading.BoundedSemaphore(settings.calls_at_once)
        self._unanswered = 0  # consecutive questions without an answer
        self._refused: ModelRefused | None = None
        self._rejected = 0  # consecutive questions that were rejected
        self._forms = FormFinder(warehouse, self._endpoint.address, self.name)
        self._longest = 0  # tokens of the longest answer in this run
        self._paid = warehouse.read(load_paid_requests)

    @property
    def form(self) -> RequestForm:
        """The form of request that the endpoint was last found to accept."""
        return self._forms.form

    def with_model(self, name: str, settings: DraftSettings) -> LanguageModel:
        """Return another model at the same endpoint, which shares the budget and `calls_at_once` with this model.

        If the endpoint refuses one of the two, the other still works.
        """
        other = LanguageModel(name, settings, self._warehouse, self._run, self._budget, self._batches)
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
        """Send `messages` to the model and return its answer, parsed by `schema`. Every call is recorded.

        Args:
            prompt: The prompt that the messages were made from.
            messages: The messages, in the roles of `/chat/completions`.
            schema: The schema of the answer.
            purpose: The purpose that is recorded: "screen", "draft" or "support".
            paper: The paper that the question is about.
            check: A function that raises ModelReplyUnusable for an answer that fits the schema but is unusable; a later
                run then asks the question again.

        Raises:
            AnswerLater: The question went into a batch.
            ModelReplyUnusable: The answer is not JSON, cut short, refused or empty.
            ModelUnavailable: The endpoint gave no answer, limits the rate, reported a server error, or rejects the
                request in every form.
            PromptTooLong: The messages do not fit the model's context window.
            ModelRefused: The key is wrong, the model is unknown, the endpoint is down, or the budget is reached. This
                run makes no further call.
        """
        request = responses.fingerprint(self.name, messages, schema, self.settings.temperature)
        paid = self._paid_reply(request)
        if paid is not None:
            parsed = responses.parse(paid[1], schema)
            return ModelAnswer(parsed.reply, paid[0], paid_before=True, notes=parsed.notes)
        call = ModelCall(request, purpose, prompt.name, prompt.sha256, self.name, list(messages), outcome="ok")
        question = _Question(call, messages, schema, check, paper)
        self._enqueue_in_batch(question)
        with self._calls:
            answer = self._ask_until_answered(question)
        self._paid.add(request)
        return answer

    def _enqueue_in_batch(self, question: _Question[Reply]) -> None:
        """Put a question that can wait into the next batch; return if it has to be asked live.

        Raises:
            AnswerLater: The question is in a batch now.
            BudgetReached: The budget does not allow the question.
        """
        call = question.call
        if self._batches is None:
            return
        if self._batches.is_waiting(call.request):
            raise AnswerLater("The question is in a batch, and the model has not answered it yet.", "batch")
        if not self._batches.accepts(call):
            return
        form = self._forms.form
        body = responses.build_request(self.name, question.messages, question.schema, self.settings, form)
        max_usage = usage.compute_max_usage(body, self.settings, self._longest_answer())
        at_most = (usage.compute_max_cost(self.settings, max_usage) or 0.0) * self.settings.batch_price
        with self._reserve(at_most) as pay:
            pay(at_most)
        self._batches.put(BatchQuestion(call, body, question.paper, at_most, pay, max_usage))
        raise AnswerLater("The question goes to the model in a batch; a later run collects the answer.", "batch")

    def _ask_until_answered(self, question: _Question[Reply]) -> ModelAnswer[Reply]:
        """Ask, and retry after errors that may pass. Every attempt is a call: its cost is reserved, recorded and paid.

        A call that timed out is not repeated in this run: it may have been billed, and would time out again.

        Raises:
            ModelError: No attempt succeeded.
        """
        failures, started = 0, time.monotonic()
        while True:
            if self._refused:
                raise self._refused
            form = self._forms.form
            call_id, outcome = self._pay_for_call(question, form)
            if outcome.is_accepted:
                self._forms.add_success(form, question.schema.__name__)
            elif self._may_be_refused_form(outcome, failures):
                call_id, outcome = self._try_other_forms(question, form, call_id, outcome, started)
            if outcome.parsed:
                self._unanswered = self._rejected = 0
                return ModelAnswer(
                    outcome.parsed.reply,
                    call_id,
                    paid_before=False,
                    estimated=outcome.call.estimated,
                    notes=outcome.parsed.notes,
                    reports_cache=outcome.call.tokens_cached is not None,
                )
            failures += 1
            wait = self._wait_before_retry(outcome, failures)
            if wait is None:
                raise self._final_error(outcome) from outcome.fault
            time.sleep(wait)

    def _may_be_refused_form(self, outcome: _Outcome[Reply], failures: int) -> bool:
        """Return whether a call may have failed because of the form of its request: with 4xx, or 5xx time and again."""
        if isinstance(outcome.error, RequestRejected):
            return True
        is_server_error = outcome.status in _REFUSES_WITH and isinstance(outcome.error, ModelUnavailable)
        return is_server_error and failures >= MAX_RETRIES

    def _try_other_forms(
        self, question: _Question[Reply], form: RequestForm, call_id: str, outcome: _Outcome[Reply], started: float
    ) -> tuple[str, _Outcome[Reply]]:
        """Ask in other forms after a refusal; return the first call that was not refused, else the refused one.

        `started` is the monotonic time at which the question was first sent.

        Raises:
            BudgetReached: The budget does not allow another call.
        """
        sends_temperature = self.settings.temperature is not None
        doubt_since = None if isinstance(outcome.error, RequestRejected) else started
        refusal = outcome.call.message or ""
        with self._forms.search(
            form, question.schema.__name__, refusal, sends_temperature=sends_temperature, doubt_since=doubt_since
        ) as search:
            for other in search:
                other_id, answered = self._pay_for_call(question, other)
                if not self._may_be_refused_form(answered, MAX_RETRIES):
                    search.is_accepted = answered.is_accepted
                    return other_id, answered
                search.add_refusal(answered.call.message or "")
        return call_id, outcome

    def _pay_for_call(self, question: _Question[Reply], form: RequestForm) -> tuple[str, _Outcome[Reply]]:
        """Make one call and record it; return its id and outcome. Raises BudgetReached.

        The call is recorded before it is sent, so that it is counted even if this process is killed meanwhile.
        """
        body = responses.build_request(self.name, question.messages, question.schema, self.settings, form)
        max_usage = usage.compute_max_usage(body, self.settings, self._longest_answer())
        max_cost = usage.compute_max_cost(self.settings, max_usage)
        at_most = max_cost or 0.0

        def start(connection: Connection) -> str:
            if self._budget.has_month_limit:
                self._budget.check_month(costs.sum_spent_this_month(connection), at_most)
            return start_call(connection, self._run, question.call, question.paper, max_usage, max_cost)

        with self._reserve(at_most) as pay:
            started = self._warehouse.write(start)
            try:
                outcome = self._attempt(question, body, max_usage)
                self._warehouse.write(add_call, self._run, outcome.call, question.paper, started)
            except BaseException:  # the cost of the call is unknown; its start stays on record
                pay(at_most)
                raise
            pay(outcome.call.cost)
            self._longest = max(self._longest, outcome.call.tokens_out or 0)
        return started, outcome

    def _longest_answer(self) -> int:
        """Return the tokens of the longest answer that the model gave in this run, live or in a batch."""
        collected = self._batches.longest.get(self.name, 0) if self._batches else 0
        return max(self._longest, collected)

    @contextmanager
    def _reserve(self, at_most: float) -> Iterator[Callable[[float | None], None]]:
        try:
            with self._budget.reserve(at_most) as pay:
                yield pay
        except BudgetReached as error:
            self._refused = error
            raise

    def _paid_reply(self, request: str) -> tuple[str, str] | None:
        if request not in self._paid:
            return None
        return self._warehouse.read(load_paid_reply, request)

    def _attempt(self, question: _Question[Reply], body: dict[str, Any], max_usage: MaxUsage) -> _Outcome[Reply]:
        """Send one request, parse its answer, and book its cost."""
        import openai

        call, started_at = question.call, time.monotonic()
        status: int | None = None
        answer: object = None
        parsed: ParsedReply[Reply] | None = None
        error: ModelError | None = None
        fault: Exception | None = None
        headers: Mapping[str, str] = {}
        try:
            raw = self._endpoint.client().chat.completions.with_raw_response.create(**body)
            response = raw.http_response
            status, headers, answer = response.status_code, response.headers, parse_response(response.text)
            if isinstance(answer, str):
                error = _judge_text(answer, headers.get("content-type", ""))
            else:
                call, parsed, error = self._read_answer(question, answer)
        except ModelError as refused:
            error = refused
        except openai.OpenAIError as failed:
            error, fault = self._endpoint.translate(failed, self.name), failed
            if isinstance(failed, openai.APIStatusError):
                status, answer = failed.status_code, usage.parse_body(failed.response.text)
        except UNREADABLE_ERRORS as failed:
            error, fault = _make_unreadable_error(failed), failed
        if error:
            call = replace(call, outcome=error.code, message=error.message)
        call = replace(call, seconds=time.monotonic() - started_at)
        if isinstance(fault, openai.OpenAIError) and not was_sent(fault):
            call = usage.book_nothing(call, self.settings)
        else:
            call = usage.book_usage(call, status, answer, self.settings, max_usage)
        return _Outcome(call, parsed, error, fault, status, headers)

    def _read_answer(
        self, question: _Question[Reply], response: object
    ) -> tuple[ModelCall, ParsedReply[Reply] | None, ModelError | None]:
        """Return the call with its reply, and the parsed reply or the error that makes it unusable."""
        answer = find_answer(response)
        call = responses.with_reply(question.call, answer)
        if answer.error or answer.finish_reason == "error":
            return call, None, translate_reported(answer.error, self.name)
        try:
            parsed = responses.parse(responses.get_text(answer), question.schema)
            question.check(parsed.reply)
        except ModelError as error:
            return call, None, error
        return replace(call, message="; ".join(parsed.notes) or None), parsed, None

    def _wait_before_retry(self, outcome: _Outcome[Reply], failures: int) -> float | None:
        """Return the seconds to wait before the next attempt; None if this run does not retry the question."""
        import openai

        error, fault = outcome.error, outcome.fault
        if fault is None and isinstance(error, ModelUnavailable) and not isinstance(error, RequestRejected):
            return compute_wait(outcome.headers, failures)  # an error that came with HTTP 200
        if isinstance(error, ModelRefused) or not isinstance(fault, openai.OpenAIError) or has_timed_out(fault):
            return None
        return wait_before_retry(fault, failures)

    def _final_error(self, outcome: _Outcome[Reply]) -> ModelError:
        """Return the error to raise: ModelRefused if several consecutive questions failed by the endpoint's fault."""
        error = outcome.error
        assert error is not None  # only failures get here
        is_rejected = isinstance(error, RequestRejected | PromptTooLong)
        is_down = isinstance(error, ModelUnavailable) and error.code in ("no-answer", "server-error")
        self._rejected = self._rejected + 1 if is_rejected else 0
        self._unanswered = self._unanswered + 1 if is_down else 0
        if self._unanswered >= GIVE_UP_AFTER:
            error = ModelRefused(
                f"The model's endpoint gave no answer {GIVE_UP_AFTER} times in a row; the last error was: "
                f"{error.message}",
                "down",
            )
        elif self._rejected >= MAX_REJECTED:
            error = ModelRefused(
                f"{error.message} The endpoint rejected {MAX_REJECTED} questions in a row, so the run asks no more. "
                "`curator doctor` shows the requests that it accepts.",
                error.code,
            )
        if isinstance(error, ModelRefused):
            self._refused = error
        return error


def _make_unreadable_error(fault: Exception) -> ModelReplyUnusable:
    return ModelReplyUnusable(f"The endpoint's answer cannot be read: {brief_error(fault)}", "garbled")


def _judge_text(text: str, content_type: str) -> ModelError:
    """Return the error for a response that is not JSON: JSON that broke off, or a web page."""
    if "json" in content_type.lower() or text.lstrip().startswith("{"):
        return ModelReplyUnusable("The endpoint's answer cannot be read: it is not valid JSON.", "garbled")
    return ModelRefused(
        "OPENAI_BASE_URL answers, but not as an OpenAI-compatible endpoint. Such an address usually ends in /v1.",
        "not-an-api",
    )
