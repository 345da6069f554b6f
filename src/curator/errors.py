"""Everything that can go wrong, in one tree; foreign errors are translated into it where they are met.

CuratorError
├── SettingsError            curator.toml or the environment; no workspace here
├── PromptError              a prompt file does not fit its variables
├── WarehouseError
│   ├── WarehouseMissing     nothing has been ingested yet
│   ├── WarehouseBusy        another process held the file longer than we wait
│   ├── WarehouseNewer       written by a later version of Curator
│   └── QueryError           a person's SQL or query name is wrong
├── ArxivError
│   ├── ArxivUnavailable     no answer, or "later", after all retries        (transient)
│   ├── ArxivRefused         403: nobody asks again before a person says so
│   └── ArxivBadAnswer       an answer that is not what was asked for
├── CodedError               has a short word that failures are counted by
│   ├── PaperError           one paper's failure; the run goes on
│   │   ├── PdfUnavailable   not to be had, or not a PDF, or too large
│   │   ├── PdfUnreadable    there is a file, but no text to be had from it
│   │   └── ReaderFailed     the reading process crashed, hung or grew too large
│   └── ModelError           one call's failure; the run goes on
│       ├── ModelUnavailable no answer, rate limit, server error             (transient)
│       ├── ModelRefused     wrong key, unknown model: the whole run ends
│       │   └── BudgetReached    the settings allow no more: the run ends there
│       ├── ModelReplyUnusable   no JSON, cut short, refused, empty
│       └── AnswerLater      no failure: the question waits in a batch
├── DecisionError            a decision that cannot be taken
│   ├── DecisionConflict     somebody else decided meanwhile
│   └── UndoUnconfirmed      an undo would take back more than one decision
├── PublishError             the list cannot be written as it stands
├── BackupError              a backup cannot be written, or what is to be restored is none
├── NotSent                  a message to whoever runs the list
└── SupervisionError         what `curator up` starts does not come up or stay up

Messages are whole sentences that say what to do. Every class passes its arguments to `super().__init__`,
so that it survives pickling by process pools and Prefect.
"""

from __future__ import annotations


class CuratorError(Exception):
    """Base of every error that Curator raises on purpose."""

    transient = False
    """Whether the same thing may well succeed later without anybody doing anything."""


class SettingsError(CuratorError):
    """A setting, or the lack of a workspace, stops us; the message names file, key, value and what is allowed."""


class PromptError(CuratorError):
    """A prompt file is missing, or its variables are not the ones the code fills in."""


class WarehouseError(CuratorError):
    """The warehouse cannot be read or written."""


class WarehouseMissing(WarehouseError):
    """There is no warehouse file yet."""


class WarehouseBusy(WarehouseError):
    """Another process held the warehouse for longer than we were ready to wait."""

    transient = True


class WarehouseNewer(WarehouseError):
    """The warehouse was written by a later version of Curator."""


class QueryError(WarehouseError):
    """A query that a person wrote or named cannot be run."""


class ArxivError(CuratorError):
    """arXiv could not be asked, or its answer could not be used."""


class ArxivUnavailable(ArxivError):
    """arXiv did not answer, or kept saying "later", through all retries."""

    transient = True


class ArxivRefused(ArxivError):
    """arXiv answered 403. Asking again counts as an attack, so the run stops, and none asks before a person says so."""


class ArxivBadAnswer(ArxivError):
    """arXiv answered with an error entry, or with something that is not a feed."""


class CodedError(CuratorError):
    """A failure that is counted; `code` is a short stable word for it, and the warehouse counts by that."""

    def __init__(self, message: str, code: str, transient: bool = False) -> None:
        super().__init__(message, code, transient)
        self.message = message
        self.code = code
        self.transient = transient

    def __str__(self) -> str:
        return self.message


class PaperError(CodedError):
    """One paper failed."""


class PdfUnavailable(PaperError):
    """The PDF cannot be had: not there, not a PDF, too large."""


class PdfUnreadable(PaperError):
    """The PDF is there but gives no usable text: encrypted, damaged, scanned, garbled, empty."""


class ReaderFailed(PaperError):
    """The reading process crashed, hung or outgrew its limit on this PDF."""


class ModelError(CodedError):
    """A model call failed."""


class ModelUnavailable(ModelError):
    """The endpoint did not answer, or limited our rate, through all retries."""


class ModelRefused(ModelError):
    """The endpoint rejects us whatever we ask (key, model name, address): the run stops asking."""


class BudgetReached(ModelRefused):
    """Another call could cost more than the settings allow: the run stops asking, with what it has done kept."""


class AnswerLater(ModelError):
    """No failure: the question waits for its answer in a batch, and a later run collects that."""


class ModelReplyUnusable(ModelError):
    """The model answered, and the answer cannot be used: no JSON, cut short, refused, empty."""


class DecisionError(CuratorError):
    """A decision that cannot be taken: no such candidate, nothing to undo, no quote that holds."""


class DecisionConflict(DecisionError):
    """Another decision stands than the one that the reviewer saw; `standing` is its id, None where there is none."""

    def __init__(self, message: str, standing: str | None = None) -> None:
        super().__init__(message, standing)
        self.message = message
        self.standing = standing

    def __str__(self) -> str:
        return self.message


class UndoUnconfirmed(DecisionError):
    """An undo would take back more than one decision, and the reviewer has not agreed to that."""


class PublishError(CuratorError):
    """The list cannot be written, or an export cannot be made, as things stand."""


class BackupError(CuratorError):
    """A backup cannot be written, or what is to be restored is none."""


class NotSent(CuratorError):
    """A message to whoever runs the list could not be sent."""


class SupervisionError(CuratorError):
    """What `curator up` keeps running does not come up or stay up, or is running already."""
