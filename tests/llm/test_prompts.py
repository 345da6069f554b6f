"""Prompt files are strict about their variables, and values are never looked at again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import PromptError
from curator.llm.prompts import VARIABLES, Prompt, load_prompt
from curator.resources import resource_path

TEXT = "--- system ---\nTopics: {{topics}}\n--- user ---\n{{ title }}\n{{sentences}}\n"


def prompt(tmp_path: Path, text: str) -> Prompt:
    file = tmp_path / "draft.md"
    file.write_bytes(text.encode())
    return load_prompt("draft", file)


def test_every_prompt_that_is_used_comes_with_curator_and_fits() -> None:
    assert {path.stem for path in resource_path("prompts").glob("*.md")} == VARIABLES.keys()
    for name in VARIABLES:
        loaded = load_prompt(name, resource_path("prompts", f"{name}.md"))
        system, user = loaded.fill(**{variable: f"[{variable}]" for variable in VARIABLES[name]})
        assert "{{" not in system["content"] + user["content"]
        assert all(f"[{variable}]" in system["content"] + user["content"] for variable in VARIABLES[name])


def test_filling_gives_a_system_and_a_user_message(tmp_path: Path) -> None:
    messages = prompt(tmp_path, TEXT).fill(topics="T", title="A", sentences="S")
    assert messages == ({"role": "system", "content": "Topics: T"}, {"role": "user", "content": "A\nS"})


@given(title=st.text() | st.sampled_from(["{{title}}", "{{topics}}", "\\1 \\g<0>", "--- user ---"]))
def test_a_value_stays_as_it_is(title: str) -> None:
    filled = Prompt("draft", "", "{{topics}}", "{{title}}|{{sentences}}").fill(
        topics="{{sentences}}", title=title, sentences="{{topics}}"
    )
    assert [message["content"] for message in filled] == ["{{sentences}}", f"{title}|{{{{topics}}}}"]


def test_one_error_names_all_that_is_missing_or_unknown(tmp_path: Path) -> None:
    with pytest.raises(PromptError) as caught:
        prompt(tmp_path, TEXT.replace("{{topics}}", "{{topic}}").replace("{{sentences}}", ""))
    message = str(caught.value)
    assert "draft.md" in message
    assert all(
        part in message for part in ("{{topic}} is unknown", "{{topics}} is missing", "{{sentences}} is missing")
    )


@pytest.mark.parametrize("text", ["", "no parts at all", TEXT.replace("--- user ---", "--- person ---")])
def test_a_file_without_its_two_parts_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PromptError, match="--- user ---"):
        prompt(tmp_path, text)


def test_a_missing_or_undecodable_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"absent\.md"):
        load_prompt("draft", tmp_path / "absent.md")
    (tmp_path / "draft.md").write_bytes(b"\xff\xfe")
    with pytest.raises(PromptError, match=r"draft\.md"):
        load_prompt("draft", tmp_path / "draft.md")


def test_filling_with_the_wrong_variables_is_refused(tmp_path: Path) -> None:
    loaded = prompt(tmp_path, TEXT)
    with pytest.raises(PromptError, match="sentences, titel"):
        loaded.fill(topics="", title="", titel="")


def test_windows_line_ends_and_byte_order_marks_do_no_harm(tmp_path: Path) -> None:
    plain, windows = prompt(tmp_path, TEXT), prompt(tmp_path, "\ufeff" + TEXT.replace("\n", "\r\n"))
    assert (plain.system, plain.user) == (windows.system, windows.user)


def test_another_wording_is_another_prompt(tmp_path: Path) -> None:
    assert prompt(tmp_path, TEXT).sha256 != prompt(tmp_path, TEXT + "!").sha256
