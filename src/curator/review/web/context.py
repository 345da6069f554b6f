"""The state that all pages share, and the context of one request: who sent it, and how it is answered."""

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
from curator.review.web.middleware import REVIEWER_LIFETIME, Cookies
from curator.review.web.presence import Presence
from curator.review.web.queue_cache import QueueCache
from curator.review.web.rendering import duration, load_templates
from curator.review.web.secrets import Secrets
from curator.review.web.static_files import STATIC_PATH
from curator.types import KINDS
from curator.warehouse import Connection, Warehouse
from curator.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")
REASONS = ("not about the topic", "not supported", "already known", "too vague", "uninteresting")
"""Reasons for a rejection that the page offers."""
MAX_FLASH_MESSAGES = 1000
"""Sessions for which a message is kept until their next page. A choice: one message takes a few hundred bytes."""


@dataclass(frozen=True)
class FlashMessage:
    """A message about the latest action, shown once at the top of the next page."""

    text: str
    is_error: bool = False


class AppState:
    """The state of the review page of one workspace. Thread-safe.

    Args:
        workspace: The list that is reviewed.
        pictures: Pictures of the papers' pages.
        secrets: The page's secrets.
    """

    def __init__(self, workspace: Workspace, pictures: PageImages, secrets: Secrets) -> None:
        self.workspace = workspace
        self.warehouse = Warehouse(workspace.warehouse_file)
        self.queue = QueueCache(self.warehouse)
        self.presence = Presence()
        self.pictures = pictures
        self.secrets = secrets
        self.access = Access(workspace.warehouse_file.parent)
        self.cookies = Cookies(secrets.list_id)
        self.templates = load_templates()
        self._lock = threading.Lock()
        self._messages: dict[str, FlashMessage] = {}  # by session

    def flash(self, session: str, message: FlashMessage) -> None:
        """Keep a message for the next page of this session; it replaces an earlier one."""
        with self._lock:
            if len(self._messages) >= MAX_FLASH_MESSAGES:
                self._messages.clear()
            self._messages[session] = message

    def pop_flash(self, session: str) -> FlashMessage | None:
        """Return and forget the message for this session; None if there is none."""
        with self._lock:
            return self._messages.pop(session, None)


class RequestContext:
    """One request: the browser and reviewer that sent it, and the means to answer it.

    Args:
        request: A request that has passed the `Guard`.
    """

    def __init__(self, request: Request) -> None:
        self.state: AppState = request.app.state.review
        self.session: str = request.state.session
        own_name = clean_name(request.state.reviewer)
        self.reviewer_name = own_name or reviewer_name(self.state.workspace.settings)
        self.wants_json = "application/json" in request.headers.get("accept", "")
        self.address: Address = request.state.address
        path = request.scope["path"].removeprefix(self.address.root)
        self.path = path + (f"?{request.url.query}" if request.url.query else "")

    @property
    def reviewer(self) -> Reviewer:
        """The reviewer whose decisions this request may add."""
        return Reviewer(self.state.warehouse, self.reviewer_name)

    @property
    def form_token(self) -> str:
        """The token that the forms of this session carry."""
        return self.state.secrets.form_token(self.session)

    def read(self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Read the warehouse; see `Warehouse.read`."""
        return self.state.warehouse.read(function, *args, **kwargs)

    def render_page(self, template: str, /, code: int = 200, **values: Any) -> HTMLResponse:
        """Return a page with HTTP status `code`. The session's pending message is shown on it, and then forgotten."""
        return HTMLResponse(self.render(template, message=self.state.pop_flash(self.session), **values), code)

    def render(self, template: str, /, **values: Any) -> str:
        """Return the HTML of a template, filled with these values and the ones that all pages share."""
        settings = self.state.workspace.settings
        return self.state.templates.get_template(template).render(
            values
            | {
                "list_title": settings.title,
                "keys": settings.review.keys.model_dump(),
                "reviewer": self.reviewer_name,
                "form_token": self.form_token,
                "list_id": self.state.secrets.list_id,
                "kinds": KINDS,
                "reasons": REASONS,
                "path": self.path,
                "root": self.address.root,
                "static": self.address.root + STATIC_PATH,
            }
        )

    def redirect(self, path: str, message: FlashMessage | None = None) -> Response:
        """Redirect to another page, which shows the message.

        Args:
            path: A path of the review page, without the prefix that a proxy puts before it.
            message: The message.
        """
        if message:
            self.state.flash(self.session, message)
        return RedirectResponse(self.address.root + path, 303)

    def set_reviewer_cookie(self, response: Response, name: str) -> None:
        """Store the reviewer's name in this browser; "" removes it."""
        cookies = self.state.cookies
        header = cookies.header(self.address, cookies.reviewer, quote(name), REVIEWER_LIFETIME if name else 0)
        response.headers.append("Set-Cookie", header)

    def json(self, status: int = 200, **values: Any) -> JSONResponse:
        """Return these values as a JSON object."""
        return JSONResponse(values, status)

    def measure_pace(self, connection: Connection) -> Pace:
        """Return the reviewer's pace; see `curator.review.pace.measure_pace`."""
        return measure_pace(connection, self.reviewer_name, self.state.queue.count_waiting(connection))


def pace_to_json(pace: Pace) -> Mapping[str, Any]:
    """Return a pace as the page's scripts read it, with the time left in words."""
    return asdict(pace) | {"left": duration(pace.left) if pace.left else None}


def read_context(request: Request) -> RequestContext:
    """Return the context of a request that changes nothing."""
    return RequestContext(request)


async def write_context(request: Request) -> RequestContext:
    """Return the context of a request that changes something.

    Raises:
        HTTPException: The request does not carry the form token of its session.
    """
    context = RequestContext(request)
    token = (await request.form()).get("form_token")
    if not isinstance(token, str) or not context.state.secrets.is_form_token(context.session, token):
        raise HTTPException(403, "This form is from another browser or another session. Reload the page and try again.")
    return context


ReadContext = Annotated[RequestContext, Depends(read_context)]
WriteContext = Annotated[RequestContext, Depends(write_context)]
