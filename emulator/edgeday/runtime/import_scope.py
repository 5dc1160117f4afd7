"""Where a worker is imported: what it may not do there, as in an invocation.

On Cloudflare the clock is at 0 while a worker is imported, and there is neither network nor randomness.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from random import Random
from typing import Any, NoReturn

from edgeday.call_site import error_call_site, nearest_user_line
from edgeday.errors import WorkerMisbehaved
from edgeday.runtime import refusals
from edgeday.runtime.handlers import HangInterrupted, is_from_outside
from edgeday.runtime.import_watch import watched_import
from edgeday.runtime.tracebacks import error_text
from edgeday.web.ambient import current_runtime
from edgeday.web.messages import Request, Response


class ImportScope:
    """What the global names find while a worker is imported. isolate: nobody sees it later.

    misbehaved: the first thing the module did that ends a run, or None. random: what is drawn at import, the
    same each time; refuses_entropy: whether the worker's own code may draw nothing there, as on Cloudflare,
    and packages alone may.
    """

    def __init__(self) -> None:
        self.random = Random("import")
        self.generator: Random | None = None
        self.refuses_entropy = False
        self.isolate: dict[str, Any] = {}
        self.misbehaved: WorkerMisbehaved | None = None

    @property
    def caches(self) -> Any:
        """There are none. Raises RuntimeError."""
        _refuse("caches")

    def now_ms(self) -> int:
        """0, as on Cloudflare."""
        return 0

    def random_uuid(self) -> str:
        """There is none. Raises RuntimeError."""
        _refuse("random values")

    async def fetch(self, request: Request) -> Response:
        """There is none. Raises RuntimeError."""
        _refuse("fetch")

    def misbehave(self, what: str, hint: str = "", place: str | None = None) -> WorkerMisbehaved:
        """What to raise for something that no worker may do while it is imported; see `Invocation`."""
        if place is None:
            place = nearest_user_line().place
        misbehaved = WorkerMisbehaved(f"{what} (while it is imported)", place, hint=hint)
        self.misbehaved = self.misbehaved or misbehaved
        return misbehaved


def _refuse(what: str) -> NoReturn:
    raise RuntimeError(
        f"{what} cannot be used while a worker is imported, only in its handlers "
        "(Disallowed operation called within global scope)"
    )


@contextmanager
def import_scope() -> Iterator[ImportScope]:
    """While the block runs, a worker is imported; what it prints goes to standard error.

    Raises WorkerMisbehaved for what ends a run, also where the module catches it.
    """
    refusals.install()
    scope = ImportScope()
    try:
        with watched_import(), _entered(scope), redirect_stdout(sys.stderr):
            yield scope
    except Exception:
        if scope.misbehaved is None:
            raise
    except BaseException as raised:
        if scope.misbehaved is None and (isinstance(raised, WorkerMisbehaved) or is_from_outside(raised)):
            raise
        if scope.misbehaved is None and isinstance(raised, HangInterrupted):
            raise scope.misbehave(HangInterrupted.says, place=raised.place) from None
        if scope.misbehaved is None:
            what = f"the worker raised {error_text(raised)}"
            raise scope.misbehave(what, place=error_call_site(raised).place) from raised
    if scope.misbehaved is not None:
        raise scope.misbehaved


@contextmanager
def _entered(scope: ImportScope) -> Iterator[None]:
    token = current_runtime.set(scope)  # type: ignore[arg-type]
    try:
        yield
    finally:
        current_runtime.reset(token)
