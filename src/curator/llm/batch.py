"""Questions that can wait, put to the provider's Batch API: answered within a day, for less money.

A batch is noted before it is sent and found again by that note, so that none is sent or paid for twice, whenever we
are killed. Its answers go on record as answers to live calls do, and whoever asks the same question finds them there.
A question whose batch ended without its answer is asked live.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from curator.errors import ModelError, ModelRefused, ModelReplyUnusable, ModelUnavailable
from curator.llm import responses, usage
from curator.llm.endpoint import Endpoint, brief_error
from curator.sanitize import load_json
from curator.settings import DraftSettings
from curator.types import Paper
from curator.warehouse import Warehouse, batches
from curator.warehouse.batches import OpenBatch, Sent
from curator.warehouse.model_calls import MaxUsage, ModelCall, add_call
from curator.warehouse.rows import utc_now

if TYPE_CHECKING:
    import openai
    from openai.types import Batch

MOST_QUESTIONS = 1000  # in one batch; OpenAI takes 50,000
MOST_BYTES = 40 * 2**20  # of one batch's file, which we hold in memory; OpenAI takes 200 MB
LATE = timedelta(hours=26)  # the provider promises 24
LOST = timedelta(hours=72)
_GOING_ON = frozenset({"validating", "in_progress", "finalizing", "cancelling"})
_ENDED = {"completed": "answered", "expired": "expired", "failed": "failed", "cancelled": "cancelled"}
_UNCLEAR = frozenset({"no-answer", "server-error", "not-an-api", "garbled"})  # who knows whether the batch was taken
_UNCLEAR_STATUSES = frozenset({408, 409})  # of HTTP; the same
_LISTED = 300  # batches of the account that are looked through for one of ours
_AT_ONCE = 100  # answers in one transaction
_UNREADABLE = "The provider did not hand out the file of its answers."  # the note of the first time
_MARK = "curator"  # the key under which the provider keeps our name of a batch


class _FileGone(Exception):
    """The answers in a file of a batch will never be had; the message says why."""


@dataclass(frozen=True)
class Question:
    """One call that waits to be sent."""

    call: ModelCall
    body: Mapping[str, Any]
    paper: Paper | None
    at_most: float  # what its answer may cost
    pay: Callable[[float], None]  # from the purse, which has paid that
    most: MaxUsage  # what its answer may use


@dataclass(frozen=True)
class Collected:
    """What became of the batches that were open."""

    ended: tuple[str, ...] = ()
    answers: int = 0
    going_on: int = 0
    notes: tuple[str, ...] = ()


class BatchQueue:
    """The batches of one list, for one run. Safe to share between threads. Raises SettingsError when made.

    `schemas`: what answers to questions of each purpose have to be. New questions are taken only where `new` says so;
    those that are out already are minded either way.
    """

    def __init__(
        self,
        settings: DraftSettings,
        warehouse: Warehouse,
        run: str,
        schemas: Mapping[str, type[BaseModel]],
        *,
        new: bool,
    ) -> None:
        self.refused: ModelError | None = None  # the endpoint takes no batches
        self.problems: list[str] = []
        self.longest: dict[str, int] = {}  # tokens of the longest answer that was collected, by model
        self._settings = settings
        self._warehouse = warehouse
        self._run = run
        self._schemas = schemas
        self._new = new
        self.endpoint = Endpoint(settings.seconds)
        self._lock = threading.Lock()
        self._questions: list[Question] = []
        self._size = 0
        self._look()

    def _look(self) -> None:
        self._waiting, self._unanswered = self._warehouse.read(
            lambda c: (batches.load_waiting(c), batches.count_unanswered(c))
        )

    def is_out(self, request: str) -> bool:
        """Whether a question's answer is still to come."""
        return request in self._waiting

    def takes(self, call: ModelCall) -> bool:
        """Whether a question goes into a batch rather than be asked live."""
        return self._new and not self.refused and call.purpose in self._schemas and call.request not in self._unanswered

    def put(self, question: Question) -> None:
        """Take a question; it is sent with others, at the latest by `send`."""
        with self._lock:
            self._waiting.add(question.call.request)
            self._questions.append(question)
            self._size += sum(len(message["content"].encode()) for message in question.call.messages)
            if len(self._questions) >= MOST_QUESTIONS or self._size >= MOST_BYTES:
                self._send()

    def send(self) -> None:
        """Send what was put. What goes wrong is in `refused` and `problems`, and nothing is lost by it."""
        with self._lock:
            self._send()

    def _send(self) -> None:
        questions, self._questions, self._size = self._questions, [], 0
        if not questions:
            return
        model, batch = questions[0].call.model, secrets.token_hex(8)
        told = [(one.call, one.paper, one.at_most, one.most) for one in questions]
        self._warehouse.write(batches.add_batch, self._run, batch, self.endpoint.address, model, told)
        try:
            file = self._upload(batch, questions)
        except ModelError as error:
            self._not_sent(batch, error, questions)
            return
        try:
            provider = self._create(batch, file, model)
        except ModelError as error:
            if _may_exist(error):  # the next run finds out
                self.problems.append(f"{len(questions)} questions were sent as a batch, unconfirmed: {error.message}")
            else:
                self._not_sent(batch, error, questions)
        else:
            self._note(batch, "sent", provider)

    def _upload(self, batch: str, questions: Sequence[Question]) -> str:
        """The provider's name of the file with the questions. Raises ModelError."""
        file = (f"{batch}.jsonl", _lines(questions), "application/jsonl")
        with self.endpoint.asking(questions[0].call.model) as client:
            return _name_of(self.endpoint.asked_again(lambda: client.files.create(file=file, purpose="batch")))

    def _create(self, batch: str, file: str, model: str) -> str:
        """The provider's name of the batch. Asked for once only: two would be paid for. Raises ModelError."""
        with self.endpoint.asking(model) as client:
            return _name_of(
                client.batches.create(
                    input_file_id=file,
                    endpoint="/v1/chat/completions",
                    completion_window="24h",
                    metadata={_MARK: batch},
                )
            )

    def _not_sent(self, batch: str, error: ModelError, questions: Sequence[Question]) -> None:
        later = isinstance(error, ModelUnavailable)
        self._note(batch, "lost" if later else "refused", message=error.message)
        for one in questions:
            one.pay(-one.at_most)
        requests = {one.call.request for one in questions}
        self._waiting -= requests
        if later:
            self.problems.append(f"{len(questions)} questions could not be sent as a batch: {error.message}")
        else:
            self.refused = error
            self._unanswered |= requests

    def _note(self, batch: str, state: batches.State, provider: str | None = None, message: str | None = None) -> None:
        self._warehouse.write(batches.add_state, self._run, batch, state, provider, message)

    def collect(self) -> Collected:
        """Ask what became of the open batches, and put what they answered on record. Raises ModelRefused."""
        ended: list[str] = []
        notes: list[str] = []
        answers = going_on = 0
        for one in self._warehouse.read(batches.load_open_batches):
            if one.endpoint != self.endpoint.address:
                notes.append(
                    f"A batch was sent to {one.endpoint}, and is collected where OPENAI_BASE_URL is that again."
                )
                going_on += 1
                continue
            try:
                number = self._collect(one)
            except ModelRefused:
                raise
            except ModelError as error:
                notes.append(f"A batch could not be asked for: {error.message}")
                number = None
            if number is None:
                going_on += 1
            else:
                ended.append(one.batch)
                answers += number
        if ended:
            self._look()
        return Collected(tuple(ended), answers, going_on, tuple(notes))

    def _collect(self, one: OpenBatch) -> int | None:
        """How many answers an ended batch brought; None while it goes on. Raises ModelError."""
        with self.endpoint.asking(one.model):
            told = self.endpoint.asked_again(lambda: self._told(one))
            if told is None:
                if one.provider:  # it took the batch once, and may have billed it
                    self._book_unanswered(self._questions_of(one))
                self._note(one.batch, "lost", one.provider, "The provider knows of no such batch.")
                return 0
            if told.status not in _ENDED:
                return self._wait_for(one, told)
            answers, missing = self._keep(one, told)
        self._note(one.batch, _ENDED[told.status], told.id, missing or _why(told))  # type: ignore[arg-type]
        return answers

    def _told(self, one: OpenBatch) -> Batch | None:
        """What the provider says of a batch, None where it knows of none."""
        import openai

        client = self.endpoint.client()
        try:
            if one.provider:
                return client.batches.retrieve(one.provider)
            for listed in islice(client.batches.list(limit=100), _LISTED):
                if (listed.metadata or {}).get(_MARK) == one.batch:
                    self._note(one.batch, "sent", listed.id)
                    return listed
        except openai.NotFoundError:
            pass
        return None

    def _wait_for(self, one: OpenBatch, told: Batch) -> int | None:
        """None, unless it has taken too long: then it is cancelled, and at last given up."""
        age = utc_now() - one.added
        if age > LOST:
            self._book_unanswered(self._questions_of(one))
            self._note(one.batch, "lost", told.id, f"It was {brief_error(told.status)} after {age.days} days.")
            return 0
        if age > LATE and told.status in _GOING_ON and one.state != "cancelling":
            self.endpoint.asked_again(lambda: self.endpoint.client().batches.cancel(told.id))
            self._note(one.batch, "cancelling", told.id, "It took longer than the provider promises.")
        return None

    def _questions_of(self, one: OpenBatch) -> dict[str, Sent]:
        return self._warehouse.read(batches.load_batch_questions, one.batch, self._settings.answer_tokens)

    def _keep(self, one: OpenBatch, told: Batch) -> tuple[int, str | None]:
        """Put the answers on record, in pieces: what was kept before we were killed is not kept again.

        Returns:
            The number of answers, and why some are missing for good, if any are.
        """
        questions = self._questions_of(one)
        kept, missing = 0, None
        for file in filter(None, (told.output_file_id, told.error_file_id)):
            try:
                content = self._content(one, told, file)
            except _FileGone as gone:
                missing = str(gone)
                continue
            answered = self._answers(content.split(b"\n"), questions)
            while piece := list(islice(answered, _AT_ONCE)):
                self._add_calls(piece)
                kept += sum(call.outcome == "ok" for call, _ in piece)
        if missing or not _was_never_run(told):
            self._book_unanswered(questions)
        return kept, missing

    def _content(self, one: OpenBatch, told: Batch, file: str) -> bytes:
        """Return what a file of an ended batch holds.

        Raises _FileGone where the provider has the file no more, or did not hand it out for as long as `LOST` in spite
        of being asked by several runs; ModelRefused for a wrong key, and else what the SDK raises.
        """
        import openai

        client = self.endpoint.client()
        try:
            return self.endpoint.asked_again(lambda: client.files.content(file).content)
        except openai.NotFoundError as error:
            raise _FileGone(f"The provider no longer has the file of its answers: {brief_error(error)}") from error
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.RateLimitError):
            raise
        except (openai.APIStatusError, ModelReplyUnusable) as error:
            if isinstance(error, openai.APIStatusError) and error.status_code == 410:
                raise _FileGone("The provider no longer has the file of its answers.") from error
            since = self._warehouse.read(batches.noted_since, one.batch, _UNREADABLE)
            if since is None:
                self._note(one.batch, "sent", told.id, _UNREADABLE)
            elif utc_now() - since > LOST:
                raise _FileGone(
                    f"The provider did not hand out the file of its answers: {brief_error(error)}"
                ) from error
            raise ModelUnavailable(
                f"The provider does not hand out the file of its answers: {self._in_words(error, one)}",
                "server-error",
                True,
            ) from error

    def _in_words(self, error: openai.APIStatusError | ModelReplyUnusable, one: OpenBatch) -> str:
        return error.message if isinstance(error, ModelError) else self.endpoint.translated(error, one.model).message

    def _add_calls(self, calls: Sequence[tuple[ModelCall, Paper | None]]) -> None:
        self._warehouse.write(lambda c: [add_call(c, self._run, *one) for one in calls])

    def _book_unanswered(self, questions: Mapping[str, Sent]) -> None:
        """Put on record questions that the provider took and said nothing of: it may have billed them."""
        message = "The batch ended without an answer to this question."
        calls = [replace(one.call, outcome="no-answer", message=message) for one in questions.values()]
        booked = [self._booked(call, None, None, one) for call, one in zip(calls, questions.values(), strict=True)]
        for start in range(0, len(booked), _AT_ONCE):
            self._add_calls(booked[start : start + _AT_ONCE])

    def _answers(self, lines: Iterable[bytes], questions: dict[str, Sent]) -> Iterator[tuple[ModelCall, Paper | None]]:
        """The calls that lines of a batch's files answer; each question is taken out of `questions` once.

        So is a question of which a line says that it was not carried out: that costs nothing, and is no call.
        """
        for line in lines:
            try:
                told = load_json(line.decode())
                request, response = str(told["custom_id"]), told.get("response")
                status, answer = (response["status_code"], response["body"]) if response else (None, None)
            except (ValueError, TypeError, LookupError, AttributeError):
                continue  # an empty line, or none of ours: its question counts as unanswered
            if request not in questions or (status is None and not told.get("error")):
                continue
            sent = questions.pop(request)
            if status is not None:
                yield self._booked(self._judged(sent.call, status, answer), status, answer, sent)

    def _booked(self, call: ModelCall, status: object, answer: Any, sent: Sent) -> tuple[ModelCall, Paper | None]:
        """Return the call with what it cost, and its paper.

        An estimate is at most what was set aside, unless the answer is reported to be longer than it may be.
        """
        known = status if isinstance(status, int) else None
        call = usage.book_usage(call, known, answer, self._settings, sent.most, share=self._settings.batch_price)
        used = call.tokens_out or 0
        self.longest[call.model] = max(used, self.longest.get(call.model, 0))
        if call.estimated and call.cost is not None and sent.set_aside and used <= sent.most.tokens_out:
            call = replace(call, cost=min(call.cost, sent.set_aside))
        return call, sent.paper

    def _judged(self, call: ModelCall, status: object, answer: Any) -> ModelCall:
        from openai.types.chat import ChatCompletion

        if status != 200 or not isinstance(answer, dict):
            said = answer.get("error") if isinstance(answer, dict) else answer
            return replace(
                call, outcome="rejected", message=f"In a batch, HTTP {brief_error(status)}: {brief_error(said)}"
            )
        try:
            completion = ChatCompletion.construct(**answer)
            call = responses.with_reply(call, completion, 0.0)
            responses.parse(responses.content(completion), self._schemas[call.purpose])
        except ModelError as error:
            return replace(call, outcome=error.code, message=error.message)
        except (TypeError, ValueError, AttributeError) as error:  # a body of no shape that a completion has
            return replace(call, outcome="garbled", message=f"The answer cannot be read: {brief_error(error)}")
        return call


def _name_of(told: object) -> str:
    """The provider's name of a file or batch. Raises ModelReplyUnusable: a page, say, has none."""
    name = getattr(told, "id", None)
    if not isinstance(name, str) or not name:
        raise ModelReplyUnusable("The endpoint's answer is none of a Batch API.", "not-an-api")
    return name


def _was_never_run(told: Batch) -> bool:
    """Return whether the provider answered none of the questions, and so billed none.

    Counts that are all 0 say nothing: some providers never fill them in.
    """
    if told.output_file_id:
        return False
    counts: object = getattr(told, "request_counts", None)
    total = getattr(counts, "total", None)
    counted = isinstance(total, int) and total > 0
    return told.status == "failed" or (counted and getattr(counts, "completed", None) == 0)


def _may_exist(error: ModelError) -> bool:
    """Return whether a batch may have been taken although its creation failed."""
    return error.code in _UNCLEAR or getattr(error.__cause__, "status_code", None) in _UNCLEAR_STATUSES


def _why(told: Batch) -> str | None:
    """What the provider says of a batch that failed, if anything."""
    try:
        return brief_error(told.errors.data[0].message)  # type: ignore[union-attr, index]
    except (AttributeError, TypeError, LookupError):
        return None


def _lines(questions: Iterable[Question]) -> bytes:
    return b"".join(
        json.dumps(
            {
                "custom_id": one.call.request,
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": one.body,
            }
        ).encode()
        + b"\n"
        for one in questions
    )
