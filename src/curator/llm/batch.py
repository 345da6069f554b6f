"""Collect the answers of batches from the provider and record them as if the questions had been asked live.

The same question asked later finds its answer in the warehouse. A question whose batch ended without its answer is
asked live.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from curator.errors import ModelError, ModelRefused, ModelReplyUnusable, ModelUnavailable
from curator.llm import responses, usage
from curator.llm.answer_text import find_answer
from curator.llm.batch_queue import METADATA_KEY, BatchQueue
from curator.llm.endpoint import brief_error, translate_reported
from curator.sanitize import load_json
from curator.types import Paper
from curator.warehouse import batches
from curator.warehouse.batches import OpenBatch, SentQuestion
from curator.warehouse.model_calls import ModelCall, add_call
from curator.warehouse.rows import utc_now

if TYPE_CHECKING:
    import openai
    from openai.types import Batch

CANCEL_AFTER = timedelta(hours=26)
"""Age at which a batch is cancelled; the provider promises an answer within 24 hours."""
GIVE_UP_AFTER = timedelta(hours=72)
"""Age at which a batch is given up."""

_RUNNING = frozenset({"validating", "in_progress", "finalizing", "cancelling"})
_ENDED = {"completed": "answered", "expired": "expired", "failed": "failed", "cancelled": "cancelled"}
"""The state that is recorded for each final status of the provider's."""
_MAX_LISTED = 300
"""Batches of the account among which a batch is searched if the provider's id of it is unknown."""
_MAX_CALLS = 100
"""Answers in one transaction; our own choice."""
_UNREADABLE = "The provider did not hand out the file of its answers."
"""Recorded when the provider first fails to deliver a file, and searched for later. Stored: never reword."""

_AnsweredCall = tuple[ModelCall, Paper | None]


class _FileGone(Exception):
    """The answers in a file of a batch are lost for good; the message says why."""


@dataclass(frozen=True)
class CollectedBatches:
    """The result of asking the provider about every open batch."""

    ended: tuple[str, ...] = ()  # ids of batches that have ended
    answers: int = 0
    still_open: int = 0
    notes: tuple[str, ...] = ()  # problems, as sentences


class BatchCollector:
    """Collects the answers of the open batches of a queue."""

    def __init__(self, queue: BatchQueue) -> None:
        self._queue = queue
        self._endpoint = queue.endpoint
        self._warehouse = queue.warehouse

    def collect(self) -> CollectedBatches:
        """Ask the provider about every open batch, and record the answers.

        Raises:
            ModelRefused: The endpoint rejects the key or the address.
        """
        ended: list[str] = []
        notes: list[str] = []
        answers = still_open = 0
        for batch in self._warehouse.read(batches.load_open_batches):
            count = self._try_to_collect(batch, notes)
            if count is None:
                still_open += 1
            else:
                ended.append(batch.batch)
                answers += count
        if ended:
            self._queue.refresh()
        return CollectedBatches(tuple(ended), answers, still_open, tuple(notes))

    def _try_to_collect(self, batch: OpenBatch, notes: list[str]) -> int | None:
        """Return the number of answers of an ended batch; None if it is still open, with a note of any problem."""
        if batch.endpoint != self._endpoint.address:
            notes.append(
                f"A batch was sent to {batch.endpoint}. It can be collected only while OPENAI_BASE_URL is that address."
            )
            return None
        try:
            return self._collect(batch)
        except ModelRefused:
            raise
        except ModelError as error:
            notes.append(f"The state of a batch could not be fetched: {error.message}")
            return None

    def _collect(self, batch: OpenBatch) -> int | None:
        """Return the number of answers of an ended batch; None while it is running. Raises ModelError."""
        with self._endpoint.connect(batch.model):
            status = self._endpoint.call_with_retries(lambda: self._fetch_status(batch))
            if status is None:
                if batch.provider:  # the provider accepted the batch once, and may have billed it
                    self._book_unanswered(self._load_questions(batch))
                self._queue.record_state(
                    batch.batch, "lost", batch.provider, "The provider does not know this batch (any more)."
                )
                return 0
            if status.status not in _ENDED:
                return self._wait_or_give_up(batch, status)
            answers, missing = self._record_answers(batch, status)
        message = missing or _failure_message(status)
        self._queue.record_state(batch.batch, _ENDED[status.status], status.id, message)  # type: ignore[arg-type]
        return answers

    def _fetch_status(self, batch: OpenBatch) -> Batch | None:
        """Return the provider's record of a batch; None if the provider has none."""
        import openai

        client = self._endpoint.client()
        try:
            if batch.provider:
                return client.batches.retrieve(batch.provider)
            for listed in islice(client.batches.list(limit=100), _MAX_LISTED):
                if (listed.metadata or {}).get(METADATA_KEY) == batch.batch:
                    self._queue.record_state(batch.batch, "sent", listed.id)
                    return listed
        except openai.NotFoundError:
            pass
        return None

    def _wait_or_give_up(self, batch: OpenBatch, status: Batch) -> int | None:
        """Return None for a running batch; cancel it if it is late, and finally give it up and return 0."""
        age = utc_now() - batch.added
        if age > GIVE_UP_AFTER:
            self._book_unanswered(self._load_questions(batch))
            message = f"Its status was still {brief_error(status.status)} after {age.days} days."
            self._queue.record_state(batch.batch, "lost", status.id, message)
            return 0
        if age > CANCEL_AFTER and status.status in _RUNNING and batch.state != "cancelling":
            self._endpoint.call_with_retries(lambda: self._endpoint.client().batches.cancel(status.id))
            self._queue.record_state(
                batch.batch, "cancelling", status.id, "It took longer than the 24 hours that the provider promises."
            )
        return None

    def _load_questions(self, batch: OpenBatch) -> dict[str, SentQuestion]:
        return self._warehouse.read(batches.load_batch_questions, batch.batch, self._queue.settings.answer_tokens)

    def _record_answers(self, batch: OpenBatch, status: Batch) -> tuple[int, str | None]:
        """Record the answers in several transactions. Answers recorded before an interruption are not repeated.

        Returns:
            The number of answers, and the reason if some of them are lost for good.
        """
        questions = self._load_questions(batch)
        recorded, missing = 0, None
        for file in filter(None, (status.output_file_id, status.error_file_id)):
            try:
                content = self._download(batch, status, file)
            except _FileGone as gone:
                missing = str(gone)
                continue
            answered = self._parse_answers(content.split(b"\n"), questions)
            while calls := list(islice(answered, _MAX_CALLS)):
                self._add_calls(calls)
                recorded += sum(call.outcome == "ok" for call, _ in calls)
        if missing or not _was_never_run(status):
            self._book_unanswered(questions)
        return recorded, missing

    def _download(self, batch: OpenBatch, status: Batch, file: str) -> bytes:
        """Return the content of a file of an ended batch.

        Raises:
            _FileGone: The provider no longer has the file, or several runs have failed to get it for `GIVE_UP_AFTER`.
            ModelUnavailable: The provider does not deliver the file at the moment.
            openai.OpenAIError: The key is wrong, or the endpoint does not answer.
        """
        import openai

        client = self._endpoint.client()
        try:
            return self._endpoint.call_with_retries(lambda: client.files.content(file).content)
        except openai.NotFoundError as error:
            raise _FileGone(f"The provider no longer has the file of its answers: {brief_error(error)}") from error
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.RateLimitError):
            raise
        except (openai.APIStatusError, ModelReplyUnusable) as error:
            if isinstance(error, openai.APIStatusError) and error.status_code == 410:
                raise _FileGone("The provider no longer has the file of its answers.") from error
            since = self._warehouse.read(batches.load_first_noted, batch.batch, _UNREADABLE)
            if since is None:
                self._queue.record_state(batch.batch, "sent", status.id, _UNREADABLE)
            elif utc_now() - since > GIVE_UP_AFTER:
                raise _FileGone(
                    f"The provider did not hand out the file of its answers: {brief_error(error)}"
                ) from error
            raise ModelUnavailable(
                f"The provider does not hand out the file of its answers: {self._describe(error, batch)}",
                "server-error",
                True,
            ) from error

    def _describe(self, error: openai.APIStatusError | ModelReplyUnusable, batch: OpenBatch) -> str:
        return error.message if isinstance(error, ModelError) else self._endpoint.translate(error, batch.model).message

    def _add_calls(self, calls: Sequence[_AnsweredCall]) -> None:
        self._warehouse.write(lambda c: [add_call(c, self._queue.run, call, paper) for call, paper in calls])

    def _book_unanswered(self, questions: Mapping[str, SentQuestion]) -> None:
        """Record the questions that the provider accepted but did not answer: it may have billed them."""
        message = "The batch ended without an answer to this question."
        booked = [
            self._book(replace(question.call, outcome="no-answer", message=message), None, None, question)
            for question in questions.values()
        ]
        for start in range(0, len(booked), _MAX_CALLS):
            self._add_calls(booked[start : start + _MAX_CALLS])

    def _parse_answers(self, lines: Iterable[bytes], questions: dict[str, SentQuestion]) -> Iterator[_AnsweredCall]:
        """Yield the calls that the lines of a batch's file answer, and remove their questions from `questions`.

        A question that was not carried out, according to its line, is removed without a call: it costs nothing.
        """
        for line in lines:
            try:
                entry = load_json(line.decode())
                request, response = str(entry["custom_id"]), entry.get("response")
                status, answer = (response["status_code"], response["body"]) if response else (None, None)
            except (ValueError, TypeError, LookupError, AttributeError):
                continue  # an empty or foreign line: its question counts as unanswered
            if request not in questions or (status is None and not entry.get("error")):
                continue
            question = questions.pop(request)
            if status is not None:
                yield self._book(self._judge(question.call, status, answer), status, answer, question)

    def _book(self, call: ModelCall, status: object, answer: Any, question: SentQuestion) -> _AnsweredCall:
        """Return the call with its cost, and its paper.

        An estimated cost is at most the money set aside, unless the answer is reported to exceed its maximum length.
        """
        queue, http_status = self._queue, status if isinstance(status, int) else None
        call = usage.book_usage(
            call, http_status, answer, queue.settings, question.max_usage, share=queue.settings.batch_price
        )
        tokens_out = call.tokens_out or 0
        queue.longest[call.model] = max(tokens_out, queue.longest.get(call.model, 0))
        if (
            call.estimated
            and call.cost is not None
            and question.set_aside
            and tokens_out <= question.max_usage.tokens_out
        ):
            call = replace(call, cost=min(call.cost, question.set_aside))
        return call, question.paper

    def _judge(self, call: ModelCall, status: object, answer: Any) -> ModelCall:
        """Return the call with its reply, or with the code of the error that makes the answer unusable."""
        if status != 200 or not isinstance(answer, dict):
            reason = answer.get("error") if isinstance(answer, dict) else answer
            return replace(
                call, outcome="rejected", message=f"In a batch, HTTP {brief_error(status)}: {brief_error(reason)}"
            )
        found = find_answer(answer)
        call = responses.with_reply(call, found)
        if found.error or found.finish_reason == "error":
            error: ModelError = translate_reported(found.error, call.model)
            return replace(call, outcome=error.code, message=error.message)
        try:
            parsed = responses.parse(responses.get_text(found), self._queue.schemas[call.purpose])
        except ModelError as unusable:
            return replace(call, outcome=unusable.code, message=unusable.message)
        return replace(call, message="; ".join(parsed.notes) or None)


def _was_never_run(status: Batch) -> bool:
    """Return True if the provider answered none of the questions, and so billed none.

    Counts that are all 0 say nothing: some providers never fill them in.
    """
    if status.output_file_id:
        return False
    counts: object = getattr(status, "request_counts", None)
    total = getattr(counts, "total", None)
    is_counted = isinstance(total, int) and total > 0
    return status.status == "failed" or (is_counted and getattr(counts, "completed", None) == 0)


def _failure_message(status: Batch) -> str | None:
    """Return the provider's explanation of a failed batch, if it gives one."""
    try:
        return brief_error(status.errors.data[0].message)  # type: ignore[union-attr, index]
    except (AttributeError, TypeError, LookupError):
        return None
