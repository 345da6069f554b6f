"""Whatever is done to a PDF, reading it ends in a document or in a clean error, in time, and the parent lives on.

The same few hundred damaged files each time. CURATOR_FUZZ_SECONDS=600 tries others for ten minutes, beginning with
CURATOR_FUZZ_SEED; what breaks the reader is kept in CURATOR_FUZZ_KEEP, by default in pytest's own folder.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.errors import PaperError, PdfUnreadable
from curator.pdf.reader import Reader, ReadLimits
from curator.types import Document
from tests.pdf import mutants

LIMITS = ReadLimits(seconds=10, memory_mb=1024, max_pages=50, workers=1)
IMPATIENT = ReadLimits(seconds=1.5, memory_mb=1024, max_pages=50, workers=1)
UNREADABLE = {"not-a-pdf", "encrypted", "damaged", "too-long", "no-text", "garbled"}
ENDS = {"read", "memory"} | UNREADABLE
"""What damage may lead to: a length that lies can ask for more memory than there is."""
MUTANTS = 16  # of each seed
LONG_RUN = float(os.environ.get("CURATOR_FUZZ_SECONDS", "0"))
FIRST = int(os.environ.get("CURATOR_FUZZ_SEED", "1000"))
HOSTILE = mutants.hostile()
SEEDS = mutants.seeds()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS) as reader:
        reader.warm_up()
        yield reader


@pytest.fixture(scope="module")
def impatient() -> Iterator[Reader]:
    with Reader(IMPATIENT) as reader:
        reader.warm_up()
        yield reader


def outcome(reader: Reader, folder: Path, data: bytes) -> str:
    """ "read", or the code of the error; any other exception is the test's failure."""
    path = folder / "mutant.pdf"
    path.write_bytes(data)
    try:
        ended: Document | PaperError = reader.read(path, "2501.01234", 1)
    except PaperError as error:
        ended = error
    if isinstance(ended, Document):
        assert_whole(ended)
        return "read"
    assert ended.message.endswith(".")
    assert isinstance(ended, PdfUnreadable) == (ended.code in UNREADABLE)
    return ended.code


def assert_whole(document: Document) -> None:
    """What the pipeline takes for granted of any document."""
    texts = {page.number: page.text for page in document.pages}
    assert list(texts) == list(range(1, len(texts) + 1))
    for page in document.pages:
        assert all(0 <= box.start < box.end <= len(page.text) for box in page.boxes)
    for number, sentence in enumerate(document.sentences, 1):
        assert sentence.number == number
        assert sentence.spans
        stretches = [texts[span.page][span.start : span.end] for span in sentence.spans]
        assert all(stretches)
        assert sentence.text == " ".join(" ".join(stretch.split()) for stretch in stretches)
    assert all(hidden.page in texts for hidden in document.hidden)
    assert all(section.start <= len(texts[section.page]) for section in document.sections)


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_pdf_ends_in_a_document_or_a_verdict(reader: Reader, tmp_path: Path, name: str) -> None:
    seed = SEEDS[name]
    assert outcome(reader, tmp_path, seed) == "read"
    seen = set()
    for number in range(MUTANTS):
        kinds, data = mutants.damaged(seed, random.Random(f"{name} {number}"))
        ended = outcome(reader, tmp_path, data)
        assert ended in ENDS, f"mutant {number} of {name} ({kinds}): {ended}"
        seen.add(ended)
    assert {"read", "damaged"} <= seen, "damage that is always harmless or always fatal tries little"


def test_damage_to_an_objects_number_does_not_make_a_file_of_that_length() -> None:
    assert len(mutants.written([(10**15, b"<<>>"), (1, b"<<>>")], 1)) < 1000


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_is_read_refused_or_stopped(impatient: Reader, tmp_path: Path, name: str) -> None:
    started = time.monotonic()
    ended = outcome(impatient, tmp_path, HOSTILE[name])
    assert ended in ENDS | {"timeout"}
    assert time.monotonic() - started < IMPATIENT.seconds + 5
    assert outcome(impatient, tmp_path, HOSTILE["none"]) == "read", "the next paper is read as if nothing had been"


@pytest.mark.skipif(not LONG_RUN, reason="CURATOR_FUZZ_SECONDS says how long to go on")
def test_a_long_run_finds_nothing_either(reader: Reader, tmp_path: Path) -> None:
    keep = Path(os.environ.get("CURATOR_FUZZ_KEEP", tmp_path / "kept"))
    keep.mkdir(parents=True, exist_ok=True)
    seeds, number, until = list(SEEDS.items()), FIRST, time.monotonic() + LONG_RUN
    bad: list[str] = []
    while time.monotonic() < until:
        name, seed = seeds[number % len(seeds)]
        kinds, data = mutants.damaged(seed, random.Random(f"{name} {number}"))
        ended = outcome(reader, tmp_path, data)
        if ended not in ENDS:
            bad.append(f"{name}-{number}-{ended}.pdf ({kinds})")
            (keep / f"{name}-{number}-{ended}.pdf").write_bytes(data)
        number += 1
    assert not bad, f"of {number - FIRST}: {', '.join(bad)}; kept in {keep}"
