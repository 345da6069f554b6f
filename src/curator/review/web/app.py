"""The review page as an ASGI application: its routes, static files and access control, and its error pages."""

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


def create_app(state: AppState, host: str) -> FastAPI:
    """Return the application for one workspace.

    Args:
        state: The state that its pages share.
        host: The host that the page listens on; requests to unknown hosts are refused (see addresses.py).
    """
    app = FastAPI(title="Curator", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.review = state
    for routes in (static_files, review, undo, candidates, pages):
        app.include_router(routes.router)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(CuratorError, _answer_curator_error)
    app.add_middleware(
        Guard,
        access=state.access,
        addresses=Addresses(state.secrets, host, state.workspace.settings.review.public_url),
        cookies=state.cookies,
        templates=state.templates,
    )
    return app


def _answer_error(request: Request, status: int, problem: str) -> Response:
    context = RequestContext(request)
    if context.wants_json:
        return context.json(status, error=problem)
    return context.render_page("problem.html", code=status, status=status, problem=problem)


def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    is_starlettes = error.detail in ("Not Found", "Method Not Allowed")
    plainer = {404: "This page does not exist.", 405: "This address does not accept such a request."}
    problem = plainer.get(error.status_code) if is_starlettes else None
    return _answer_error(request, error.status_code, problem or str(error.detail))


def _answer_invalid_request(request: Request, error: Exception) -> Response:
    return _answer_error(request, 422, "Invalid address or form data. Go back and try again.")


def _answer_curator_error(request: Request, error: Exception) -> Response:
    return _answer_error(request, 503 if isinstance(error, WarehouseBusy) else 500, str(error))
