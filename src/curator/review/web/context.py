"""What all pages share: the workspace, its warehouse, the order of the queue, and how a page is put together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from curator.pdf.page_images import PageImages
from curator.review.decisions import Reviewer
from curator.review.identity import clean_name, reviewer_name
from curator.review.pace import Pace, measure_pace
from curator.review.web.access import Access
from curator.review.web.addresses import Address
from curator.review.web.middleware import A_YEAR, Cookies
from curator.review.web.presence import Presence
from curator.review.web.queue_cache import QueueCache
from curator.review.web.rendering import duration, templates
from curator.review.web.secrets import Secrets
from curator.review.web.static_files import STATIC_PATH
from curator.types import KINDS
from curator.warehouse import Connection, Warehouse
from curator.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")
REASONS = ("not about the topic", "not supported", "already known", "too vague", "uninteresting")
MOST_NOTES = 1000  # sessions whose last message is kept


@dataclass(frozen=True)
class FlashMessage:
    """What a page says once, at its top, of what was just done."""

    text: str
    bad: bool = False


class AppState:
    """One workspace's review page. Thread-safe."""

    def __init__(self, workspace: Workspace, pictures: PageImages, secrets: Secrets) -> None:
        self.workspace = workspace
        self.warehouse = Warehouse(workspace.warehouse_file)
        self.board = QueueCache(self.warehouse)
        self.presence = Presence()
        self.pictures = pictures
        self.secrets = secrets
        self.access = Access(workspace.warehouse_file.parent)
        self.cookies = Cookies(secrets.list_id)
        self.templates = templates()
        self._lock = threading.Lock()
        self._notes: dict[str, FlashMessage] = {}

    def say(self, visit: RequestContext, note: FlashMessage) -> None:
        with self._lock:
            if len(self._notes) >= MOST_NOTES:
                self._notes.clear()
            self._notes[visit.session] = note

    def said(self, visit: RequestContext) -> FlashMessage | None:
        with self._lock:
            return self._notes.pop(visit.session, None)


class RequestContext:
    """One request: who asks, and how to answer."""

    def __init__(self, request: Request) -> None:
        self.site: AppState = request.app.state.site
        self.session: str = request.state.session
        self.named = clean_name(request.state.reviewer)
        self.reviewer = self.named or reviewer_name(self.site.workspace.settings)
        self.wants_json = "application/json" in request.headers.get("accept", "")
        self.address: Address = request.state.address
        path = request.scope["path"].removeprefix(self.address.root)
        self.path = path + (f"?{request.url.query}" if request.url.query else "")

    @property
    def desk(self) -> Reviewer:
        return Reviewer(self.site.warehouse, self.reviewer)

    @property
    def form_token(self) -> str:
        return self.site.secrets.form_token(self.session)

    def read(self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Read the warehouse; see `Warehouse.read`."""
        return self.site.warehouse.read(function, *args, **kwargs)

    def page(self, template: str, /, code: int = 200, **values: Any) -> HTMLResponse:
        return HTMLResponse(self.rendered(template, note=self.site.said(self), **values), code)

    def rendered(self, template: str, /, **values: Any) -> str:
        settings = self.site.workspace.settings
        return self.site.templates.get_template(template).render(
            values
            | {
                "list_title": settings.title,
                "keys": settings.review.keys.model_dump(),
                "reviewer": self.reviewer,
                "form_token": self.form_token,
                "list_id": self.site.secrets.list_id,
                "kinds": KINDS,
                "reasons": REASONS,
                "path": self.path,
                "root": self.address.root,
                "static": self.address.root + STATIC_PATH,
            }
        )

    def went(self, to: str, note: FlashMessage | None = None) -> Response:
        """On to another page, which says the note once. `to` is a path without the prefix of the page's address."""
        if note:
            self.site.say(self, note)
        return RedirectResponse(self.address.root + to, 303)

    def sign(self, response: Response, name: str) -> None:
        """Keep the reviewer's name in this browser; "" takes it off."""
        header = self.site.cookies.header(self.address, self.site.cookies.reviewer, quote(name), A_YEAR if name else 0)
        response.headers.append("Set-Cookie", header)

    def told(self, status: int = 200, **values: Any) -> JSONResponse:
        return JSONResponse(values, status)

    def progress(self, connection: Connection) -> Pace:
        return measure_pace(connection, self.reviewer, self.site.board.waiting(connection))


def progress_json(told: Pace) -> Mapping[str, Any]:
    return asdict(told) | {"left": duration(told.left) if told.left else None}


def request_context(request: Request) -> RequestContext:
    return RequestContext(request)


async def write_context(request: Request) -> RequestContext:
    """A visit that changes something: its form must be one that we gave this browser."""
    found = RequestContext(request)
    token = (await request.form()).get("form_token")
    if not isinstance(token, str) or not found.site.secrets.is_form_token(found.session, token):
        raise HTTPException(403, "This form is not one of this page's own, or of another browser. Reload the page.")
    return found


ReadContext = Annotated[RequestContext, Depends(request_context)]
WriteContext = Annotated[RequestContext, Depends(write_context)]
