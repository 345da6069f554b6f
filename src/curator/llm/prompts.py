"""Load prompts and fill them in. Each is a file `prompts/NAME.md` with a system part, a user part and `{{variables}}`.

Values are inserted once and not scanned again, so a paper whose text contains `{{title}}` stays unchanged.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from curator.errors import PromptError

_PARTS = re.compile(r"\A\s*--- system ---\n(?P<system>.*?)\n--- user ---\n(?P<user>.*)\Z", re.DOTALL)
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")

VARIABLES = {
    "draft": frozenset({"topics", "title", "sentences"}),
    "screen": frozenset({"topic", "about", "not_about", "papers", "count"}),
    "support": frozenset({"candidates", "count"}),
}
"""Every prompt that Curator uses, with the names of its variables."""


@dataclass(frozen=True)
class Prompt:
    """A prompt file, split into its two parts."""

    name: str
    sha256: str  # of the file
    system: str
    user: str

    def fill(self, **values: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the system message and the user message, with the variables filled in.

        Args:
            values: The values, by the names of the prompt's variables.

        Raises:
            PromptError: A variable has no value, or a value has no variable.
        """
        unknown = set(values) ^ VARIABLES[self.name]
        if unknown:
            raise PromptError(
                f"prompts/{self.name}.md was filled in with the wrong variables: {', '.join(sorted(unknown))}."
            )
        system, user = (_VARIABLE.sub(lambda match: values[match[1]], part) for part in (self.system, self.user))
        return {"role": "system", "content": system}, {"role": "user", "content": user}


def load_prompt(name: str, file: Path) -> Prompt:
    """Read a prompt and check its variables against those that Curator fills in.

    Args:
        name: The prompt's name, a key of `VARIABLES`.
        file: The file of the prompt.

    Raises:
        PromptError: The file cannot be read, a part is missing, or variables are missing or unknown; the message names
            all of them.
    """
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"The prompt {file} cannot be read: {error}.") from error
    parts = _PARTS.match(text)
    if parts is None:
        raise PromptError(
            f"{file} must contain, in this order: a line '--- system ---', the rules, a line '--- user ---' and the "
            "request."
        )
    used = set(_VARIABLE.findall(text))
    allowed = VARIABLES[name]
    faults = [f"{{{{{variable}}}}} is unknown" for variable in sorted(used - allowed)]
    faults += [f"{{{{{variable}}}}} is missing" for variable in sorted(allowed - used)]
    if faults:
        raise PromptError(f"{file}: {'; '.join(faults)}. This prompt's variables are {', '.join(sorted(allowed))}.")
    return Prompt(name, hashlib.sha256(raw).hexdigest(), parts["system"].strip(), parts["user"].strip())


def prompt_text(text: str) -> str:
    """Return `text` as a prompt shows it: on one line, without invisible characters, with ‹ › for < and >."""
    return " ".join("".join(_prompt_character(character) for character in text).split())


def _prompt_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    if category == "Cf":
        return ""
    if category == "Cs":
        return "\ufffd"  # a lone surrogate, which UTF-8 cannot encode
    plain = unicodedata.normalize("NFKC", character)
    if "<" in plain or ">" in plain:
        return plain.replace("<", "‹").replace(">", "›")
    return character
