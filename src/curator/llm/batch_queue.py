"""Send questions that can wait to the provider's Batch API, which answers within a day for less money.

A batch is recorded before it is sent, and later found by that record, so that no batch is sent or paid for twice, even
if Curator is killed at any moment. `batch` collects the answers.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from curator.errors import ModelError, ModelReplyUnusable, ModelUnavailable
from curator.llm.endpoint import Endpoint
from curator.settings import DraftSettings
from curator.types import Paper
from curator.warehouse import Warehouse, batches
from curator.warehouse.model_calls import MaxUsage, ModelCall

MAX_QUESTIONS = 1000
"""Questions in one batch; OpenAI accepts 50,000."""
MAX_FILE_BYTES = 40 * 2**20
"""Bytes of a batch's file, which is held in memory; OpenAI accepts 200 MB."""
METADATA_KEY = "curator"
"""The key of the batch's metadata under which the provider keeps Curator's own id of the batch."""

_UNCLEAR = frozenset({"no-answer", "server-error", "not-an-api", "garbled"})
"""Codes of errors after which the batch may or may not exist."""
_UNCLEAR_STATUSES = frozenset({408, 409})
"""HTTP statuses after which the batch may or may not exist."""


@dataclass(frozen=True)
class BatchQuestion:
    """A model call that waits to be sent in a batch."""

    call: ModelCall
    body: Mapping[str, Any]
    paper: Paper | None
    at_most: float  # the most that its answer may cost
    pay: Callable[[float], None]  # charges the budget, which has been charged `at_most` already
    max_usage: MaxUsage  # the most tokens that its answer may use


class BatchQueue:
    """The batches of one list, for one run. Safe to share between threads.

    Args:
        settings: The prices, and the time limit of a call in seconds.
        warehouse: Records the batches.
        run: The id of the run.
        schemas: The schema of the answers, by the purpose of the question.
        new: Accept new questions. Answers of earlier batches are collected in either case.

    Raises:
        SettingsError: The endpoint's address or key is invalid.
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
        self.refused: ModelError | None = None  # set if the endpoint does not accept batches
        self.problems: list[str] = []
        self.longest: dict[str, int] = {}  # tokens of the longest answer that was collected, by model
        self.settings = settings
        self.warehouse = warehouse
        self.run = run
        self.schemas = schemas
        self.endpoint = Endpoint(settings.seconds)
        self._new = new
        self._lock = threading.Lock()
        self._questions: list[BatchQuestion] = []
        self._size = 0
        self.refresh()

    def refresh(self) -> None:
        """Load the questions that wait for an answer, and those whose batch ended without an answer."""
        self._waiting, self._unanswered = self.warehouse.read(
            lambda c: (batches.load_waiting(c), batches.load_unanswered(c))
        )

    def is_waiting(self, request: str) -> bool:
        """Return True if the question is in this queue or was sent, and its answer has not arrived."""
        return request in self._waiting

    def accepts(self, call: ModelCall) -> bool:
        """Return True if the question goes into a batch rather than being asked live."""
        return self._new and not self.refused and call.purpose in self.schemas and call.request not in self._unanswered

    def put(self, question: BatchQuestion) -> None:
        """Add a question to the next batch. A full batch is sent at once, any other by `send`."""
        with self._lock:
            self._waiting.add(question.call.request)
            self._questions.append(question)
            self._size += sum(len(message["content"].encode()) for message in question.call.messages)
            if len(self._questions) >= MAX_QUESTIONS or self._size >= MAX_FILE_BYTES:
                self._send()

    def send(self) -> None:
        """Send the questions in the queue. Errors are kept in `refused` and `problems`; no question is lost."""
        with self._lock:
            self._send()

    def record_state(
        self, batch: str, state: batches.BatchState, provider: str | None = None, message: str | None = None
    ) -> None:
        """Record a new state of a batch.

        Args:
            batch: Curator's own id of the batch.
            state: The new state.
            provider: The provider's id of the batch.
            message: Why the batch is in this state.
        """
        self.warehouse.write(batches.add_state, self.run, batch, state, provider, message)

    def _send(self) -> None:
        questions, self._questions, self._size = self._questions, [], 0
        if not questions:
            return
        model, batch = questions[0].call.model, secrets.token_hex(8)
        rows = [(question.call, question.paper, question.at_most, question.max_usage) for question in questions]
        self.warehouse.write(batches.add_batch, self.run, batch, self.endpoint.address, model, rows)
        try:
            file = self._upload(batch, questions)
        except ModelError as error:
            self._handle_unsent(batch, error, questions)
            return
        try:
            provider = self._create(batch, file, model)
        except ModelError as error:
            if _may_exist(error):  # the next run asks the provider
                self.problems.append(
                    f"{len(questions)} questions were sent as a batch, but the batch is unconfirmed: {error.message}"
                )
            else:
                self._handle_unsent(batch, error, questions)
        else:
            self.record_state(batch, "sent", provider)

    def _upload(self, batch: str, questions: Sequence[BatchQuestion]) -> str:
        """Upload the file with the questions and return the provider's id of it. Raises ModelError."""
        file = (f"{batch}.jsonl", _to_json_lines(questions), "application/jsonl")
        with self.endpoint.connect(questions[0].call.model) as client:
            return _require_id(self.endpoint.call_with_retries(lambda: client.files.create(file=file, purpose="batch")))

    def _create(self, batch: str, file: str, model: str) -> str:
        """Create the batch and return its id at the provider. Never retried: two would be billed. Raises ModelError."""
        with self.endpoint.connect(model) as client:
            return _require_id(
                client.batches.create(
                    input_file_id=file,
                    endpoint="/v1/chat/completions",
                    completion_window="24h",
                    metadata={METADATA_KEY: batch},
                )
            )

    def _handle_unsent(self, batch: str, error: ModelError, questions: Sequence[BatchQuestion]) -> None:
        """Record that a batch was not sent, and return the money reserved for it to the budget."""
        is_temporary = isinstance(error, ModelUnavailable)
        self.record_state(batch, "lost" if is_temporary else "refused", message=error.message)
        for question in questions:
            question.pay(-question.at_most)
        requests = {question.call.request for question in questions}
        self._waiting -= requests
        if is_temporary:
            self.problems.append(f"{len(questions)} questions could not be sent as a batch: {error.message}")
        else:
            self.refused = error
            self._unanswered |= requests


def _require_id(response: object) -> str:
    """Return the provider's id of a file or batch. Raises ModelReplyUnusable: a web page, for example, has no id."""
    name = getattr(response, "id", None)
    if not isinstance(name, str) or not name:
        raise ModelReplyUnusable("The endpoint did not answer as a Batch API does.", "not-an-api")
    return name


def _may_exist(error: ModelError) -> bool:
    """Return True if the provider may have accepted a batch although its creation failed."""
    return error.code in _UNCLEAR or getattr(error.__cause__, "status_code", None) in _UNCLEAR_STATUSES


def _to_json_lines(questions: Iterable[BatchQuestion]) -> bytes:
    """Return the batch's file: one JSON object a line."""
    return b"".join(
        json.dumps(
            {
                "custom_id": question.call.request,
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": question.body,
            }
        ).encode()
        + b"\n"
        for question in questions
    )
