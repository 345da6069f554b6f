"""The site works from the file system, asks nobody for anything, and takes nothing of a stranger's for markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext, Page, Request, expect

from curator.publish.formats import atom
from curator.publish.site.pages import LATEST_ON_FRONT, MAX_CHANGES, MAX_ON_FRONT, site_files
from curator.publish.snapshot import ListSnapshot
from curator.types import Change, Frame, Question
from curator.warehouse.frames import RetiredFrame
from curator.warehouse.questions import OldChange
from tests.publish.frames import HOSTILE, frame, listing, paper, quote

JOURNAL = paper(id="none", title="A journal's own", journal_ref="J. Mach. Learn. 7", doi="10.1000/182")
SCRIPT = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>'\"{{7*7}}"
LISTING = listing(
    title="What we know",
    about="About it.",
    topics=("Learning", "Unused"),
    questions=(
        Question("Q1", "Why do héads copy?", "representational", ("F1",), ("F3",)),
        Question("Q2", "And why not?", "functional"),
    ),
    changes=(
        Change(date(2026, 2, 3), "added", "F1", "One."),
        Change(date(2026, 2, 4), "retired", "F9", "Gone.", "old"),
    ),
    old_changes=(OldChange("Initial post", "2 Jan"),),
    retired={
        "F9": RetiredFrame("F9", "c", "Gone.", "functional", "rejected", "old", "F1", "Ana", datetime(2026, 2, 4))
    },
)


def render(told: ListSnapshot) -> Iterator[tuple[PurePosixPath, Iterable[bytes]]]:
    return site_files(told, atom.render(told))


def usual() -> list[Frame]:
    return [
        frame(1, question="Why do héads copy?"),
        frame(2, kind="functional", text="Grokking comes late.", topics=("Grokking: why?", "Learning")),
        frame(3, text="Merged evidence.", sources=(JOURNAL,), quotes=(quote(), quote("Another.", 4, paper="nonev1"))),
    ]


def hostile() -> list[Frame]:
    odd = paper(title=SCRIPT, authors=(SCRIPT, *HOSTILE[:9]), abstract=SCRIPT, journal_ref=SCRIPT, doi=SCRIPT)
    return [
        frame(1, text=SCRIPT, topics=(SCRIPT, "../../etc/passwd"), scope=SCRIPT, question=SCRIPT, reviewer=SCRIPT,
              paper=odd, quotes=(quote(SCRIPT + "q" * 50_000),)),
        frame(2, text="</script>\u2028" + "".join(HOSTILE), accepted=datetime(2026, 3, 3, tzinfo=UTC)),
    ]  # fmt: skip


def odd_list() -> ListSnapshot:
    gone = RetiredFrame("F9", "c", SCRIPT, "functional", "rejected", SCRIPT, None, SCRIPT, datetime(2026, 2, 4))
    return listing(
        title=SCRIPT, about=SCRIPT, topics=(SCRIPT,), identity=SCRIPT, retired={"F9": gone},
        questions=(Question("Q1", SCRIPT, "functional"),), old_changes=(OldChange(SCRIPT, SCRIPT),),
        changes=(Change(date(2026, 2, 3), "retired", "F9", SCRIPT, SCRIPT),),
    )  # fmt: skip


def written(folder: Path, frames: list[Frame], told: ListSnapshot = LISTING) -> Path:
    for place, content in render(replace(told, frames=frames)):
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"".join(content))
    return folder


@pytest.fixture
def page(contexts: Callable[..., BrowserContext]) -> Iterator[Page]:
    found = contexts().new_page()
    complaints: list[str] = []
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    def asked(request: Request) -> None:
        if not request.url.startswith("file:"):
            complaints.append(f"asked for {request.url}")

    found.on("request", asked)
    yield found
    assert complaints == []


def test_every_link_within_the_site_leads_somewhere(tmp_path: Path) -> None:
    site = written(tmp_path, usual())
    pages = sorted(site.rglob("*.html"))
    assert len(pages) == 1 + 3 + 1 + 2
    for file in pages:
        for _, _, link, _ in html.fromstring(file.read_bytes()).iterlinks():
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https"
                assert parts.netloc in ("arxiv.org", "doi.org")
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            assert target.is_file(), f"{file.name}: {link}"
            assert target.is_relative_to(site.resolve())
            if parts.fragment:
                assert html.fromstring(target.read_bytes()).get_element_by_id(parts.fragment) is not None


def test_words_are_found_whatever_their_case_and_accents(tmp_path: Path, page: Page) -> None:
    page.goto((written(tmp_path, usual()) / "index.html").as_uri())
    words = page.get_by_label("Search 3 frames")
    words.fill("GROKKING late")
    expect(page.locator("#results li")).to_have_text(["Grokking comes late."])
    words.fill("héads COPY token")
    expect(page.locator("#found")).to_have_text("3 frames")
    words.fill("nothing such")
    expect(page.locator("#found")).to_have_text("0 frames")
    words.fill("F2")
    page.locator("#results a").click()
    expect(page.locator("h1")).to_have_text("Grokking comes late.")
    page.get_by_role("link", name="Grokking: why?").click()
    expect(page.locator("h1")).to_have_text("Grokking: why?")


def test_without_scripts_all_of_it_is_there_but_the_search(
    tmp_path: Path, contexts: Callable[..., BrowserContext]
) -> None:
    page = contexts(java_script_enabled=False).new_page()
    page.goto((written(tmp_path, usual()) / "index.html").as_uri())
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator(".frames li")).to_have_count(3)
    expect(page.locator("main")).to_contain_text("Retired F9: Gone. (old)")


def test_reference_managers_find_the_sources(tmp_path: Path) -> None:
    root = html.fromstring((written(tmp_path, usual()) / "frames" / "F3.html").read_bytes())
    metas = {(one.get("name"), one.get("content")) for one in root.iterfind(".//meta") if one.get("name")}
    assert ("citation_title", "Induction Heads Carry In-Context Learning") in metas
    assert ("citation_author", "Ludwig van Beethoven") in metas
    assert ("citation_arxiv_id", "2401.90001") in metas
    coins = [parse_qs(one.get("title")) for one in root.find_class("Z3988")]
    assert [one["rft.atitle"] for one in coins] == [["Induction Heads Carry In-Context Learning"], ["A journal's own"]]
    assert coins[0]["rft.au"] == ["Lindqvist, Mira", "van Beethoven, Ludwig", "Smith, John, Jr."]
    assert "info:doi/10.1000/182" in coins[1]["rft_id"]


def test_nothing_of_a_strangers_becomes_markup_or_a_path(tmp_path: Path, page: Page) -> None:
    site = written(tmp_path / "site", hostile(), odd_list())
    assert all(re.fullmatch(r"[A-Za-z0-9.-]+", file.name) for file in site.rglob("*"))
    assert [file.name for file in tmp_path.iterdir()] == ["site"]
    for file in site.rglob("*.html"):
        page.goto(file.as_uri())
        assert page.evaluate("window.pwned") is None
        assert page.locator("script:not([src]), [onerror], iframe").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), file
    page.goto((site / "index.html").as_uri())
    page.locator("#words").fill("pwned")
    expect(page.locator("#results li").first).to_contain_text("<script>window.pwned")
    assert page.evaluate("window.pwned") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier(tmp_path: Path, contexts: Callable[..., BrowserContext], scheme: str) -> None:
    site = written(tmp_path, usual())
    page = contexts(color_scheme=scheme).new_page()
    found = []
    for file in sorted(site.rglob("*.html")):
        page.goto(file.as_uri())
        if file.name == "index.html":
            page.locator("#words").fill("heads")
        told = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
        found += [f"{file.name} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in told.response["violations"]]
    assert found == []


def test_reviewers_are_not_named(tmp_path: Path) -> None:
    site = written(tmp_path, [frame(1, reviewer="Xanthippe")])
    assert not [file for file in site.rglob("*.*") if b"Xanthippe" in file.read_bytes()]


def test_a_list_without_frames_is_a_site_too(tmp_path: Path, page: Page) -> None:
    page.goto((written(tmp_path, [], listing(title="Empty")) / "index.html").as_uri())
    expect(page.locator("main")).to_contain_text("No frames yet.")


def test_the_front_page_of_a_long_list_shows_the_latest_and_says_where_the_others_are(tmp_path: Path) -> None:
    many = [
        replace(usual()[0], id=f"F{n}", kind="functional", topics=("Learning",)) for n in range(1, MAX_ON_FRONT + 2)
    ]
    day = date(2026, 2, 3)
    told = replace(LISTING, changes=tuple(Change(day, "added", one.id, one.text) for one in many))
    front = html.fromstring(b"".join(dict(render(replace(told, frames=many)))[PurePosixPath("index.html")]))
    shown = [one.get("id") for one in front.xpath("//ul[@class='frames']/li")]
    assert (shown[0], len(shown)) == (f"F{MAX_ON_FRONT + 1}", LATEST_ON_FRONT)
    assert f"{MAX_ON_FRONT + 1 - LATEST_ON_FRONT} more are on the topics' pages" in front.text_content()
    assert f"and {MAX_ON_FRONT + 1 - MAX_CHANGES} more" in front.text_content()
    topic = dict(render(replace(told, frames=many)))[PurePosixPath("topics", "Learning.html")]
    assert len(html.fromstring(b"".join(topic)).xpath("//ul[@class='frames']/li")) == len(many)
