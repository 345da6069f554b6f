"""The results of `curator doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FindingState = Literal["good", "look", "bad", "not asked"]
"""In `doctor --json`, "look" stands for a warning, and "not asked" for a check that was skipped."""


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        subject: The name of the check.
        state: The result.
        message: The facts.
        advice: How to fix the problem; "" if there is none.
    """

    subject: str
    state: FindingState
    message: str
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the finding as `doctor --json` prints it."""
        return {"what": self.subject, "state": self.state, "said": self.message, "do": self.advice}
