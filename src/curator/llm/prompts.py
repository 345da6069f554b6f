"""A prompt is a file: `prompts/NAME.md`, with a system part, a user part and strict `{{variables}}`.

Values are put in once and never looked at again, so that a paper that contains `{{title}}` stays as it is.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from curator.errors import PromptError
from curator.quotes.normalize import fold_space

_PARTS = re.compile(r"\A\s*--- system ---\n(?P<system>.*?)\n--- user ---\n(?P<user>.*)\Z", re.DOTALL)
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")

VARIABLES = {
    "draft": frozenset({"topics", "title", "sentences"}),
    "screen": frozenset({"topic", "about", "not_about", "papers", "count"}),
    "support": frozenset({"candidates", "count"}),
}
"""Every prompt that Curator uses, with the variables it fills in."""


@dataclass(frozen=True)
class Prompt:
    name: str
    sha256: str  # of the file
    system: str
    user: str

    def fill(self, **values: str) -> tuple[dict[str, str], dict[str, str]]:
        """The system and the user message. Raises PromptError where `values` are not the prompt's variables."""
        unknown = set(values) ^ VARIABLES[self.name]
        if unknown:
            raise PromptError(
                f"prompts/{self.name}.md was filled with the wrong variables: {', '.join(sorted(unknown))}."
            )
        system, user = (_VARIABLE.sub(lambda found: values[found[1]], part) for part in (self.system, self.user))
        return {"role": "system", "content": system}, {"role": "user", "content": user}


def load_prompt(name: str, file: Path) -> Prompt:
    """Read a prompt and hold its variables against those that Curator fills in.

    Raises PromptError that names everything missing or unknown at once.
    """
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"The prompt {file} cannot be read: {error}.") from error
    parts = _PARTS.match(text)
    if parts is None:
        raise PromptError(
            f"{file} must hold a line '--- system ---', the rules, a line '--- user ---' and the request."
        )
    used = set(_VARIABLE.findall(text))
    allowed = VARIABLES[name]
    faults = [f"{{{{{variable}}}}} is unknown" for variable in sorted(used - allowed)]
    faults += [f"{{{{{variable}}}}} is missing" for variable in sorted(allowed - used)]
    if faults:
        known = ", ".join(sorted(allowed))
        raise PromptError(f"{file}: {'; '.join(faults)}. This prompt's variables are {known}.")
    return Prompt(name, hashlib.sha256(raw).hexdigest(), parts["system"].strip(), parts["user"].strip())


def prompt_text(text: str) -> str:
    """`text` as a model gets it: on one line, without invisible characters, with ‹ › for < and >."""
    return fold_space("".join(_prompt_character(character) for character in text))


def _prompt_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    if category == "Cf":
        return ""
    if category == "Cs":
        return "\ufffd"  # half a character: it could not be sent
    plain = unicodedata.normalize("NFKC", character)
    if "<" in plain or ">" in plain:
        return plain.replace("<", "‹").replace(">", "›")
    return character
