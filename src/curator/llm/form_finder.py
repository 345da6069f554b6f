"""Find the form of request that an endpoint accepts, by trying; remember it for later runs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta

from curator.llm.request_form import Change, RequestForm, apply_all, list_fallbacks
from curator.warehouse import Warehouse
from curator.warehouse.request_forms import add_request_form, load_request_form

REMEMBERED = timedelta(weeks=4)
"""Time after which a remembered form is forgotten: an endpoint may have learnt a parameter meanwhile."""

_LOGIN = re.compile(r"//[^/@]*@")  # a user and password in an address
_CHANGING = re.compile(r"[0-9a-f-]*\d[0-9a-f-]*", re.IGNORECASE)  # request ids, times, counts


class FormFinder:
    """The form in which one run asks one model at one endpoint. Safe to share between threads.

    Args:
        warehouse: Remembers the form.
        endpoint: The endpoint's address.
        model: The model's name.

    Attributes:
        form: The form to ask in.
    """

    def __init__(self, warehouse: Warehouse, endpoint: str, model: str) -> None:
        self._warehouse = warehouse
        self._place = (_LOGIN.sub("//", endpoint), model)
        remembered = warehouse.read(load_request_form, *self._place, REMEMBERED)
        self.form = RequestForm.from_fields(remembered) if remembered else RequestForm()
        self._remembered = self.form
        self._accepted: set[tuple[RequestForm, str]] = set()  # with the name of the answer's schema
        self._hopeless: set[tuple[RequestForm, str]] = set()  # those instead of which no other form was found
        self._doubtful: RequestForm | None = None  # found after a server error, which may just have passed
        self._doubted = 0.0  # time.monotonic()
        self._lock = threading.Lock()

    def add_success(self, form: RequestForm, schema: str) -> None:
        """Note that the endpoint accepted a request of this form, and ask in it from now on.

        Args:
            form: The form.
            schema: The name of the answer's schema; an endpoint may accept some schemas and refuse others.
        """
        if (form, schema) in self._accepted:
            return
        self._accepted.add((form, schema))
        self.form = form
        if form != self._remembered:
            self._warehouse.write(add_request_form, *self._place, asdict(form))
            self._remembered = form

    @contextmanager
    def search(
        self, refused: RequestForm, schema: str, refusal: str, *, sends_temperature: bool, doubt_since: float | None
    ) -> Iterator[FormSearch]:
        """Yield the search for a form instead of a refused one; other threads wait for its end.

        A form that is found after a server error is in doubt: the error may just have passed. A later question is
        asked in the refused form again; only if that fails too is the form kept.

        The search is empty if the endpoint has accepted the form in this run, or if an earlier search was in vain: the
        refusal then has another reason.

        Args:
            refused: The form that was refused.
            schema: The name of the answer's schema.
            refusal: The endpoint's words.
            sends_temperature: Whether requests have a temperature, which can be left out.
            doubt_since: The monotonic time at which a question was first sent that met server errors; None if the
                endpoint said that it refuses the request.
        """
        with self._lock:
            if (refused, schema) in self._accepted | self._hopeless:
                yield FormSearch(refused, refusal, [], [])
                return
            found_before = [form for form in (self.form, self._doubtful) if form not in (refused, None)]
            is_confirmed = doubt_since is None or (self._doubtful is not None and doubt_since > self._doubted)
            changes = list_fallbacks(refusal, sends_temperature=sends_temperature)
            search = FormSearch(refused, refusal, [form for form in found_before if form], changes)
            yield search
            if search.is_exhausted:
                self._hopeless.add((refused, schema))
            elif search.is_accepted and is_confirmed:
                self.add_success(search.latest, schema)
            elif search.is_accepted:
                self._doubtful, self._doubted = search.latest, time.monotonic()


class FormSearch(Iterator[RequestForm]):
    """Yields the forms to try: forms that were found before, one change at a time, then all changes together.

    If a refusal reads differently after a change, that change was one of those needed, and it is kept.

    Attributes:
        latest: The form that was tried last.
        is_accepted: Whether the endpoint accepted that form. Set by the caller.
        is_exhausted: Whether all forms have been refused.
    """

    def __init__(self, refused: RequestForm, refusal: str, found: list[RequestForm], changes: list[Change]) -> None:
        self.latest = self._base = refused
        self.is_accepted = self.is_exhausted = False
        self._refusal = _normalize(refusal)
        self._found = found
        self._changes = changes
        self._last = [apply_all(refused, changes)]
        self._tried = {refused}

    def __next__(self) -> RequestForm:
        """Return the next form that was not tried yet."""
        while self._found or self._changes or self._last:
            if self._found:
                form = self._found.pop(0)
            elif self._changes:
                form = self._changes.pop(0)(self._base)
            else:
                form = self._last.pop()
            if form not in self._tried:
                self._tried.add(form)
                self.latest = form
                return form
        self.is_exhausted = True
        raise StopIteration

    def add_refusal(self, refusal: str) -> None:
        """Note that the latest form was refused too."""
        if _normalize(refusal) != self._refusal:
            self._base, self._refusal = self.latest, _normalize(refusal)


def _normalize(refusal: str) -> str:
    return _CHANGING.sub("", refusal)
