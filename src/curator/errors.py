"""Every error that Curator raises on purpose, in one tree; errors of libraries are translated where they occur.

CuratorError
├── SettingsError            a setting is invalid, or there is no workspace
├── PromptError              a prompt file does not fit its variables
├── WarehouseError
│   ├── WarehouseMissing     nothing has been ingested yet
│   ├── WarehouseBusy        another process holds the file for too long     (transient)
│   ├── WarehouseNewer       a later version of Curator wrote the file
│   └── QueryError           the user's SQL or query name is wrong
├── ArxivError
│   ├── ArxivUnavailable     no answer after all retries                     (transient)
│   ├── ArxivRefused         HTTP 403: no request until the user resumes
│   └── ArxivBadAnswer       the answer is not a usable feed
├── CodedError               has a short code by which failures are counted
│   ├── PaperError           one paper fails; the run continues
│   │   ├── PdfUnavailable   missing, not a PDF, or too large
│   │   ├── PdfUnreadable    the PDF yields no usable text
│   │   └── ReaderFailed     the reading process crashed, hung or grew too large
│   └── ModelError           one call fails; the run continues
│       ├── ModelUnavailable no answer, rate limit, server error             (transient)
│       │   └── RequestRejected  the endpoint rejects the request, whatever its form
│       ├── ModelRefused     wrong key, unknown model: no further calls in this run
│       │   └── BudgetReached    another call could exceed the budget
│       ├── ModelReplyUnusable   the answer is not JSON, cut short, refused or empty
│       ├── PromptTooLong    the prompt does not fit the model's context window
│       └── AnswerLater      not a failure: the question waits in a batch
├── DecisionError            the decision is not possible
│   ├── DecisionConflict     somebody else has decided in the meantime
│   └── UndoUnconfirmed      the undo would reverse more than one decision
├── PublishError             the list or an export cannot be written
├── BackupError              a backup cannot be written, or the given file is not a backup
├── NotSent                  a notification could not be sent
└── SupervisionError         a service of `curator up` does not start or keeps stopping

Messages are complete sentences that state what to do. Every class passes its arguments to `super().__init__`, so that
process pools and Prefect can pickle it.
"""

from __future__ import annotations


class CuratorError(Exception):
    """The base class of every error that Curator raises on purpose."""

    transient = False
    """True if the same action may succeed later without any change."""


class SettingsError(CuratorError):
    """A setting is invalid, or there is no workspace. The message names the file, key, value and allowed values."""


class PromptError(CuratorError):
    """A prompt file is missing, or its variables differ from those that Curator fills in."""


class WarehouseError(CuratorError):
    """The warehouse cannot be read or written."""


class WarehouseMissing(WarehouseError):
    """There is no warehouse file yet."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse for longer than the time limit."""

    transient = True


class WarehouseNewer(WarehouseError):
    """A later version of Curator wrote the warehouse."""


class QueryError(WarehouseError):
    """The user's own SQL fails, or there is no query of that name."""


class ArxivError(CuratorError):
    """A request to arXiv failed, or its answer is unusable."""


class ArxivUnavailable(ArxivError):
    """arXiv did not answer, or asked for a longer wait, on every retry."""

    transient = True


class ArxivRefused(ArxivError):
    """arXiv answered HTTP 403.

    Further requests would count as an attack, so the run stops, and no run sends a request until the user resumes.
    """


class ArxivBadAnswer(ArxivError):
    """arXiv answered with an error entry, or with a body that is not a feed."""


class CodedError(CuratorError):
    """A failure that the warehouse counts.

    Args:
        message: A complete sentence.
        code: A short, stable word for the kind of failure. Stored.
        transient: True if the same action may succeed later.
    """

    def __init__(self, message: str, code: str, transient: bool = False) -> None:
        super().__init__(message, code, transient)
        self.message = message
        self.code = code
        self.transient = transient

    def __str__(self) -> str:
        return self.message


class PaperError(CodedError):
    """The work on one paper failed."""


class PdfUnavailable(PaperError):
    """The PDF is missing, is not a PDF, or is too large."""


class PdfUnreadable(PaperError):
    """The PDF yields no usable text: it is encrypted, damaged, scanned, garbled or empty."""


class ReaderFailed(PaperError):
    """The reading process crashed, hung or exceeded its memory limit on this PDF."""


class ModelError(CodedError):
    """A model call failed."""


class ModelUnavailable(ModelError):
    """The endpoint did not answer, or limited the request rate, on every retry."""


class RequestRejected(ModelUnavailable):
    """The endpoint rejects the request, whatever parameters are left out. The paper is not at fault."""


class PromptTooLong(ModelError):
    """The prompt does not fit the model's context window.

    Args:
        message: A complete sentence.
        code: As in `CodedError`.
        transient: As in `CodedError`.
        window: The window in tokens that the endpoint named; None if it named none.
    """

    def __init__(
        self, message: str, code: str = "too-long", transient: bool = False, window: int | None = None
    ) -> None:
        super().__init__(message, code, transient)
        self.args = (message, code, transient, window)
        self.window = window


class ModelRefused(ModelError):
    """The endpoint rejects every request (wrong key, model name or address): the run makes no further call."""


class BudgetReached(ModelRefused):
    """Another call could exceed the budget: the run makes no further call, and keeps all work done so far."""


class AnswerLater(ModelError):
    """Not a failure: the question is in a batch, and a later run collects its answer."""


class ModelReplyUnusable(ModelError):
    """The model answered, but the answer is not JSON, cut short, refused or empty."""


class DecisionError(CuratorError):
    """The decision is not possible: there is no such candidate, nothing to undo, or no quote that holds."""


class DecisionConflict(DecisionError):
    """The current decision is not the one that the reviewer saw.

    Args:
        message: A complete sentence.
        standing: The id of the current decision; None if there is none.
    """

    def __init__(self, message: str, standing: str | None = None) -> None:
        super().__init__(message, standing)
        self.message = message
        self.standing = standing

    def __str__(self) -> str:
        return self.message


class UndoUnconfirmed(DecisionError):
    """The undo would reverse more than one decision, and the reviewer has not confirmed that."""


class PublishError(CuratorError):
    """The list or an export cannot be written."""


class BackupError(CuratorError):
    """A backup cannot be written, or the file to restore is not a backup."""


class NotSent(CuratorError):
    """A notification could not be sent."""


class SupervisionError(CuratorError):
    """A service of `curator up` does not start, keeps stopping, or is running already."""
