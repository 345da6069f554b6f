"""Settings are checked once, and every message says where, what and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import curator.settings
from curator.errors import SettingsError
from curator.resources import resource_path
from curator.settings import Settings, load_settings

TOPIC = '[[topics]]\nname = "grokking"\nquery = "all:grokking"\nabout = "sudden generalisation"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "curator.toml"


def loaded(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def refused(file: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(file, text)
    return str(caught.value)


def test_the_shipped_settings_load_and_watch_seven_topics() -> None:
    settings = load_settings(resource_path("curator.toml"))
    assert [topic.name for topic in settings.topics] == [
        "in-context learning",
        "grokking",
        "refusal",
        "reasoning and chain of thought",
        "memorization and factual recall",
        "persona and identity",
        "self-awareness",
    ]
    assert all(topic.not_about for topic in settings.topics)
    assert settings.arxiv.interval == 3.0
    assert settings.model is None


def test_what_the_shipped_file_writes_down_are_the_defaults(file: Path) -> None:
    shipped, bare = load_settings(resource_path("curator.toml")), loaded(file, TOPIC)
    for name in Settings.model_fields.keys() - {"about", "topics"}:
        assert getattr(shipped, name) == getattr(bare, name), name


def tables(model: type[BaseModel] = Settings, path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield each table of the settings with its path in the file, the top of the file first."""
    yield path, model
    for name, field in model.model_fields.items():
        for one in (field.annotation, *get_args(field.annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from tables(one, f"{path}.{name}".lstrip("."))


def is_number(field: FieldInfo) -> bool:
    return bool({int, float, bool} & {field.annotation, *get_args(field.annotation)})


KEYS = [(path, key) for path, model in tables() if path != "review.keys" for key in model.model_fields]
NUMBERS = [(path, key) for path, key in KEYS if is_number(dict(tables())[path].model_fields[key])]


def test_every_table_that_is_declared_is_part_of_the_settings() -> None:
    declared = {one for one in vars(curator.settings).values() if isinstance(one, type) and issubclass(one, BaseModel)}
    assert {one for one in declared if one.__module__ == "curator.settings" and not one.__name__.startswith("_")} == {
        model for _, model in tables()
    }


@pytest.mark.parametrize(("table", "key"), KEYS, ids=lambda value: value or "top")
def test_every_setting_has_an_effect_somewhere(table: str, key: str) -> None:
    """The code reads an attribute of that name, or names it in quotes for `getattr`."""
    used = rf"\.{key}\b|\"{key.removeprefix('support_')}\""
    assert re.search(used, code_outside_of_settings()), f"{table}.{key} is read nowhere"


@cache
def code_outside_of_settings() -> str:
    package = Path(curator.settings.__file__).parent
    files = [*package.rglob("*.py"), *(package.parents[1] / "flows").glob("*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.name != "settings.py")


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TOPIC.encode())
    assert load_settings(file).topics[0].name == "grokking"


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"),
    [
        ("[draft]\nattempts = 0\n", "draft.attempts", "0", "greater than or equal to 1"),
        ('[draft]\nattempts = "many"\n', "draft.attempts", '"many"', "valid integer"),
        ("[discover]\nscreen_threshold = 1.5\n", "discover.screen_threshold", "1.5", "less than or equal to 1"),
        ("[discover]\nscreen_threshold = nan\n", "discover.screen_threshold", "NaN", "less than or equal to 1"),
        ('[arxiv]\nurl = "arxiv.org"\n', "arxiv.url", '"arxiv.org"', "an address such as https://export.arxiv.org"),
        ('[arxiv]\nurl = "file:///etc/passwd"\n', "arxiv.url", '"file:///etc/passwd"', "an address such as"),
        ("[arxiv]\ninterval = 1\n", "arxiv.interval", "1", "at least 3 seconds"),
        ('[schedule]\ntimezone = "Mars"\n', "schedule.timezone", '"Mars"', "time zone such as America/New_York"),
        ('list = "../list.md"\n', "list", '"../list.md"', "a Markdown file in the workspace"),
        ('list = "/tmp/list.md"\n', "list", '"/tmp/list.md"', "a Markdown file in the workspace"),
        ('list = "list.html"\n', "list", '"list.html"', "a Markdown file in the workspace"),
        ("[draft]\nanswer_tokens = 20000\n", "draft.answer_tokens", "20000", "half of draft.context_tokens"),
        ("[draft]\ncontext_tokens = 6000\n", "draft.answer_tokens", "4000", "which is 6000"),
    ],
)
def test_a_bad_value_is_named_with_file_key_value_and_what_is_allowed(
    file: Path, text: str, key: str, value: str, allowed: str
) -> None:
    message = refused(file, text + TOPIC)
    assert message.startswith(f"{file}: {key} = {value} is not allowed; ")
    assert allowed in message


def test_a_missing_key_is_named_with_its_topic(file: Path) -> None:
    message = refused(file, TOPIC + '[[topics]]\nname = "refusal"\nabout = "saying no"\n')
    assert message == f"{file}: query of topic 'refusal' is missing; it must be set."
    nameless = refused(file, TOPIC + '[[topics]]\nquery = "q"\nabout = "saying no"\n')
    assert nameless == f"{file}: name of [[topics]] number 2 is missing; it must be set."


def test_an_unknown_key_is_named(file: Path) -> None:
    assert refused(file, "[draft]\nprise_in = 1\n" + TOPIC).startswith(f"{file}: draft.prise_in is not a setting")
    assert refused(file, 'modle = "m"\n' + TOPIC).startswith(f"{file}: modle is not a setting")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("[draft]\nprise_in = 1\n", "did you mean price_in?"),
        ("[schedul]\n", "did you mean schedule?"),
        ("[review.keys]\nacept = 'x'\n", "did you mean accept?"),
        ("[draft]\nqqq = 1\n", "check its spelling"),
    ],
)
def test_an_unknown_key_that_reads_like_a_known_one_is_told_with_it(file: Path, text: str, advice: str) -> None:
    assert advice in refused(file, text + TOPIC)


def test_an_unknown_key_of_a_topic_is_told_with_the_topics_name(file: Path) -> None:
    message = refused(file, TOPIC + 'abuot = "x"\n')
    assert message == f"{file}: abuot of topic 'grokking' is not a setting of Curator; did you mean about?"


NEVER = ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"]
INVALID = [
    "75 0 * * 1-5", "0 24 * * *", "0 0 0 * *", "0 0 32 * *", "0 0 * 13 *", "0 0 * * 8", "*/0 * * * *", "5-70 * * * *",
    "0 0 * foo *", "a b c d e", "@daily", "0 0 * *", "0 0 * * * 0",
]  # fmt: skip
VALID = [
    "30 0 * * 1-5",
    "*/15 8-18 * * mon-fri",
    "0 0 29 2 *",
    "0 0 1,15 * *",
    "0 0 * * 7",
    "0 3 * jan,jul sun",
    "0 0 * * 5#1",
]


@pytest.mark.parametrize("line", NEVER)
def test_a_schedule_that_never_fires_is_refused(file: Path, line: str) -> None:
    assert "never fires" in refused(file, f'[schedule]\nbackup = "{line}"\n' + TOPIC)


@pytest.mark.parametrize("line", INVALID)
def test_a_line_that_is_no_cron_expression_is_refused_with_what_is_allowed(file: Path, line: str) -> None:
    message = refused(file, f'[schedule]\nbackup = "{line}"\n' + TOPIC)
    assert message.startswith(f'{file}: schedule.backup = "{line}" is not allowed; it must be a cron expression')


@pytest.mark.parametrize("line", VALID)
def test_a_line_that_fires_is_taken(file: Path, line: str) -> None:
    assert loaded(file, f'[schedule]\nbackup = "{line}"\n' + TOPIC).schedule.backup == line


def test_all_faults_are_told_at_once(file: Path) -> None:
    message = refused(file, "[draft]\nattempts = 0\nprise_in = 1\n[read]\nworkers = 0\n" + TOPIC)
    assert len(message.splitlines()) == 3


def test_broken_toml_is_named_with_file_and_line(file: Path) -> None:
    message = refused(file, TOPIC + "title = \n")
    assert message.startswith(f"{file} is not valid TOML: ")
    assert "line 5" in message


def test_a_missing_file_says_what_makes_one(file: Path) -> None:
    with pytest.raises(SettingsError, match="curator init"):
        load_settings(file)


def test_a_file_that_is_not_utf8_is_named(file: Path) -> None:
    file.write_bytes(TOPIC.encode("utf-16"))
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert str(caught.value).startswith(f"{file} cannot be read: ")


@pytest.mark.parametrize("text", ["topics = []\n", 'title = "No topics"\n'])
def test_a_list_without_topics_is_refused(file: Path, text: str) -> None:
    assert refused(file, text).startswith(f"{file}: topics ")


def test_two_topics_of_one_name_are_refused_whatever_their_case(file: Path) -> None:
    message = refused(file, TOPIC + TOPIC.replace("grokking", "Grokking", 1))
    assert "used more than once: grokking" in message


def test_a_long_value_is_shown_in_part(file: Path) -> None:
    message = refused(file, f'list = "{"x" * 5000}"\n' + TOPIC)
    assert len(message) < 400 + len(str(file))


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1:1", "[::1]:1"])
def test_this_machine_may_be_asked_as_often_as_one_likes(file: Path, host: str) -> None:
    assert loaded(file, f'[arxiv]\nurl = "http://{host}/"\ninterval = 0\n' + TOPIC).arxiv.url == f"http://{host}"


@pytest.mark.parametrize("host", ["export.arxiv.org", "127.0.0.1.example", "localhost@arxiv.org", "10.0.0.1"])
def test_no_other_machine_may_be_asked_more_often_than_every_three_seconds(file: Path, host: str) -> None:
    assert "at least 3 seconds" in refused(file, f'[arxiv]\nurl = "http://{host}"\ninterval = 2.9\n' + TOPIC)


def test_the_environment_goes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATOR_MODEL", "from-the-environment")
    monkeypatch.setenv("CURATOR_ARXIV_URL", "http://127.0.0.1:99")
    monkeypatch.setenv("CURATOR_ARXIV_INTERVAL", "0.5")
    monkeypatch.setenv("CURATOR_DRAFT_CALLS_AT_ONCE", "2")
    settings = loaded(file, 'model = "from-the-file"\n[draft]\nattempts = 5\n' + TOPIC)
    assert settings.model == "from-the-environment"
    assert (settings.arxiv.url, settings.arxiv.interval) == ("http://127.0.0.1:99", 0.5)
    assert (settings.draft.calls_at_once, settings.draft.attempts) == (2, 5)


def test_the_workspace_variable_is_no_setting(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATOR_WORKSPACE", "/somewhere")
    assert loaded(file, TOPIC).topics[0].name == "grokking"


@pytest.mark.parametrize(("table", "key"), NUMBERS)
def test_every_setting_that_is_a_number_is_read_from_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch, table: str, key: str
) -> None:
    """A "_" in a table's name would make the variable's name ambiguous."""
    variable = f"CURATOR_{table}_{key}".upper() if table else f"CURATOR_{key}".upper()
    monkeypatch.setenv(variable, "neither number nor yes or no")
    assert refused(file, TOPIC).startswith(f"the environment: {variable} = ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CURATOR_ARXIV_INTERVAL", "1"),
        ("CURATOR_ARXIV_INTERVAL", "soon"),
        ("CURATOR_ARXIV_URL", "arxiv"),
        ("CURATOR_DRAFT_ATTEMPTS", "0"),
        ("CURATOR_LIST", "/list.md"),
    ],
)
def test_a_fault_in_a_variable_names_the_variable(
    file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert refused(file, TOPIC).startswith(f'the environment: {variable} = "{value}" is not allowed; ')


def test_a_variable_that_names_no_setting_of_a_table_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_PRISE", "1")
    assert refused(file, TOPIC).startswith("the environment: CURATOR_DRAFT_PRISE is not a setting")


def test_a_variable_that_should_hold_json_and_does_not_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATOR_TOPICS", "grokking")
    assert "CURATOR_" in refused(file, TOPIC)


def test_a_cheaper_model_for_checking_support_may_be_named_and_left_empty(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loaded(file, TOPIC).draft.check_support
    draft = loaded(file, '[draft]\ncheck_support = false\nsupport_model = "cheap"\n' + TOPIC).draft
    assert (draft.check_support, draft.support_model) == (False, "cheap")
    monkeypatch.setenv("CURATOR_DRAFT_SUPPORT_MODEL", "")
    assert loaded(file, TOPIC).draft.support_model is None


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ('accept = "r"', "review.keys.reject and review.keys.accept are the same key, 'r'"),
        ('accept = "1"', "one character other than a digit"),
        ('accept = "aa"', "review.keys.accept = 'aa' is not allowed"),
        ('accept = "Escape"', "'Escape' is not allowed"),
        ('accept = ""', "review.keys.accept = '' is not allowed"),
        ('agree = "x"', "is not a setting of Curator"),
    ],
)
def test_keys_that_cannot_be_are_named(file: Path, keys: str, why: str) -> None:
    assert why in refused(file, f"{TOPIC}[review.keys]\n{keys}\n")


def test_keys_of_older_settings_go_before_those_that_came_later(file: Path) -> None:
    keys = loaded(file, f'{TOPIC}[review.keys]\ndefer = "s"\nmerge = "q"\nnext = "U"\n').review.keys
    assert (keys.defer, keys.merge, keys.next, keys.question, keys.scope, keys.redo) == ("s", "q", "U", "", "", "")
    assert loaded(file, f"{TOPIC}").review.keys.redo == "U"
    assert "the same key" in refused(file, f'{TOPIC}[review.keys]\ndefer = "s"\nscope = "s"\n')
    assert "the same key, 'U'" in refused(file, f'{TOPIC}[review.keys]\nnext = "U"\nredo = "U"\n')


def test_keys_may_be_named_as_browsers_name_them(file: Path) -> None:
    assert loaded(file, f'{TOPIC}[review.keys]\nnext = "ArrowRight"\n').review.keys.next == "ArrowRight"


@pytest.mark.parametrize("value", ["7", '"' + "json://ada:hunter2@example.org/ " * 200 + '"'])
def test_an_address_with_a_password_is_not_repeated_in_an_error(tmp_path: Path, value: str) -> None:
    file = tmp_path / "curator.toml"
    file.write_text(f'topics = [{{name = "a", query = "b", about = "c"}}]\n[notify]\nto = {value}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"notify\.to = \.\.\. is not allowed") as caught:
        load_settings(file)
    assert "hunter2" not in str(caught.value)
