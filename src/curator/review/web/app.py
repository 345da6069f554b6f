"""The review page as one application: its pages, its static files, its guard, and how it says that something failed."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from curator.errors import CuratorError, WarehouseBusy
from curator.review.web import static_files
from curator.review.web.addresses import Addresses
from curator.review.web.context import AppState, RequestContext
from curator.review.web.middleware import Guard
from curator.review.web.routes import candidates, pages, review, undo


def create_app(site: AppState, host: str) -> FastAPI:
    """The application for one workspace, which listens on `host` (see addresses.py)."""
    app = FastAPI(title="Curator", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site
    for routes in (static_files, review, undo, candidates, pages):
        app.include_router(routes.router)
    app.add_exception_handler(HTTPException, _failed)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(CuratorError, _broken)
    app.add_middleware(
        Guard,
        access=site.access,
        addresses=Addresses(site.secrets, host, site.workspace.settings.review.public_url),
        cookies=site.cookies,
        templates=site.templates,
    )
    return app


def _say(request: Request, status: int, what: str) -> Response:
    visit = RequestContext(request)
    if visit.wants_json:
        return visit.told(status, error=what)
    return visit.page("problem.html", code=status, status=status, what=what)


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what = {404: "There is no such page.", 405: "That cannot be done here."}.get(error.status_code, "That went wrong.")
    plain = error.detail in ("Not Found", "Method Not Allowed")
    return _say(request, error.status_code, what if plain else str(error.detail))


def _malformed(request: Request, error: Exception) -> Response:
    return _say(request, 422, "Something in this address or form cannot be. Go back and try again.")


def _broken(request: Request, error: Exception) -> Response:
    return _say(request, 503 if isinstance(error, WarehouseBusy) else 500, str(error))
