"""Asking: what was paid for is not asked again, what the settings do not allow is not asked at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic

from pydantic import BaseModel

from curator.errors import AnswerLater, BudgetReached, ModelError, ModelRefused, ModelReplyUnusable, ModelUnavailable
from curator.language_model import replies
from curator.language_model.batches import Batches, Question
from curator.language_model.endpoint import Endpoint, brief, model_name
from curator.language_model.replies import Message, Reply
from curator.purse import Purse
from curator.records import Paper
from curator.settings import Draft
from curator.text import refuse_deep
from curator.warehouse import Warehouse
from curator.warehouse.drafts import Call, add_call, paid_reply, paid_requests

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

    from curator.prompts import Prompt

GIVE_UP_AFTER = 5  # calls in a row without any answer: the endpoint is down, and asking for the other papers is no use


@dataclass(frozen=True)
class Answer(Generic[Reply]):
    reply: Reply
    call: str  # its id in the warehouse
    paid_before: bool  # it was on record already, and nothing was asked


class LanguageModel:
    """One model at one endpoint, for one run. Safe to share between threads. Raises SettingsError when made."""

    def __init__(
        self,
        name: str | None,
        settings: Draft,
        warehouse: Warehouse,
        run: str,
        purse: Purse | None = None,
        batches: Batches | None = None,
    ) -> None:
        self.name = model_name(name)
        self.settings = settings
        self._purse = purse or Purse()
        self._warehouse = warehouse
        self._run = run
        self._batches = batches
        self._endpoint = batches.endpoint if batches else Endpoint(settings.seconds)
        self._calls = threading.BoundedSemaphore(settings.calls_at_once)
        self._unanswered = 0  # calls in a row
        self._refused: ModelRefused | None = None
        self._takes_schema = True
        self._paid = warehouse.read(paid_requests)

    def beside(self, name: str, settings: Draft) -> LanguageModel:
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
    ) -> Answer[Reply]:
        """Put `messages` to the model and return its answer as a `schema`; the call is kept, whatever comes of it.

        `check` may raise ModelReplyUnusable: such an answer counts as none, and is asked for again another time.

        Raises AnswerLater (the question went into a batch), ModelReplyUnusable (no JSON, cut short, refused, empty),
        ModelUnavailable (no answer, rate limit, server error), ModelRefused (wrong key, unknown model, endpoint down,
        budget: no further call of this run is tried).
        """
        request = replies.fingerprint(self.name, messages, schema, self.settings.temperature)
        paid = self._paid_reply(request)
        if paid is not None:
            return Answer(replies.parse(paid[1], schema), paid[0], paid_before=True)
        call = Call(request, purpose, prompt.name, prompt.sha256, self.name, list(messages), outcome="ok")
        self._perhaps_later(call, schema, paper)
        with self._calls:
            if self._refused:
                raise self._refused
            with self._spending(replies.most(self.settings, messages)) as pay:
                call, outcome = self._attempt(call, messages, schema, check)
                pay(call.cost)
        call_id = self._warehouse.write(lambda connection: add_call(connection, self._run, call, paper))
        if isinstance(outcome, ModelError):
            raise outcome
        self._paid.add(request)
        return Answer(outcome, call_id, paid_before=False)

    def _perhaps_later(self, call: Call, schema: type[BaseModel], paper: Paper | None) -> None:
        """Raises AnswerLater where the question is in a batch, or goes into one now; BudgetReached."""
        if self._batches is None:
            return
        if self._batches.is_out(call.request):
            raise AnswerLater("The model's answer to it is still to come, in a batch.", "batch")
        if not self._batches.takes(call):
            return
        at_most = replies.most(self.settings, call.messages) * self.settings.batch_price
        with self._spending(at_most) as pay:
            pay(at_most)
        body = replies.body(self.name, call.messages, schema, self.settings)
        self._batches.put(Question(call, body, paper, at_most, pay))
        raise AnswerLater("Its question goes to the model in a batch; a later run collects the answer.", "batch")

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
        return self._warehouse.read(lambda connection: paid_reply(connection, request))

    def _attempt(
        self, call: Call, messages: Sequence[Message], schema: type[Reply], check: Callable[[Reply], None]
    ) -> tuple[Call, Reply | ModelError]:
        started = time.monotonic()
        try:
            completion = self._complete(messages, schema)
            call = replies.with_usage(call, completion, self.settings, time.monotonic() - started)
            reply = replies.parse(replies.content(completion), schema)
            check(reply)
            return call, reply
        except ModelError as error:
            if isinstance(error, ModelRefused):
                self._refused = error
            seconds = call.seconds or time.monotonic() - started
            return replace(call, outcome=error.code, message=error.message, seconds=seconds), error

    def _complete(self, messages: Sequence[Message], schema: type[BaseModel]) -> ChatCompletion:
        import openai

        with_schema = self._takes_schema  # other calls may find out meanwhile that it is not taken
        asked = replies.body(self.name, messages, schema, self.settings, with_schema=with_schema)
        try:
            raw = self._endpoint.client().chat.completions.with_raw_response.create(**asked)
            refuse_deep(raw.http_response.text)
            completion: ChatCompletion = raw.parse()
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            if not (with_schema and "response_format" in str(error)):
                raise self._counted(error) from error
            self._takes_schema = False  # json_object then, with the schema said in words
            return self._complete(messages, schema)
        except openai.OpenAIError as error:
            raise self._counted(error) from error
        except ValueError as error:  # a body that is announced as JSON and is none
            raise ModelReplyUnusable(f"The endpoint's answer cannot be read: {brief(error)}", "garbled") from error
        self._unanswered = 0
        answered: object = completion
        if isinstance(answered, str):  # what the SDK makes of a page
            raise ModelRefused(
                "OPENAI_BASE_URL answers, but not as an OpenAI-compatible endpoint; it usually ends in /v1.",
                "not-an-api",
            )
        return completion

    def _counted(self, error: openai.OpenAIError) -> ModelError:
        """The error in our words; too many calls in a row without an answer make it the last."""
        meant = self._endpoint.translated(error, self.name)
        if not (isinstance(meant, ModelUnavailable) and meant.code in ("no-answer", "server-error")):
            self._unanswered = 0
            return meant
        self._unanswered += 1
        if self._unanswered < GIVE_UP_AFTER:
            return meant
        return ModelRefused(
            f"The model's endpoint gave no answer {GIVE_UP_AFTER} times in a row; the last was: {brief(error)}", "down"
        )
