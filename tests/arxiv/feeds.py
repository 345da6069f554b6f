"""Small feeds in the shape of arXiv's API, written for these tests."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def entry(
    arxiv_id: str,
    title: str = "A study of frames",
    published: str = "2025-01-02T10:00:00Z",
    updated: str = "2025-01-03T10:00:00Z",
    summary: str = "We study frames.",
) -> str:
    return f"""<entry>
<id>http://arxiv.org/abs/{arxiv_id}</id><title>{title}</title><updated>{updated}</updated>
<link href="https://arxiv.org/abs/{arxiv_id}" rel="alternate" type="text/html"/><summary>{summary}</summary>
<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/><category term="cs.CL"/>
<published>{published}</published><arxiv:comment>9 pages</arxiv:comment><arxiv:primary_category term="cs.CL"/>
<author><name>Ada  Lovelace</name></author><author><name>Émilie du Châtelet</name></author></entry>"""


def feed(entries: Sequence[str] = (), total: int | None = None) -> bytes:
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom"><title>Query</title>
<opensearch:totalResults>{len(entries) if total is None else total}</opensearch:totalResults>
<opensearch:startIndex>0</opensearch:startIndex>{"".join(entries)}</feed>""".encode()


def error_feed(words: str) -> bytes:
    return feed(
        [
            f"<entry><id>https://arxiv.org/api/errors#{escape(words).replace(' ', '_')}</id><title>Error</title>"
            f"<updated>2025-01-01T00:00:00Z</updated><summary>{escape(words)}</summary></entry>"
        ]
    )
