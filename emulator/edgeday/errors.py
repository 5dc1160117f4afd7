"""The two families of errors: what worker code can catch, and what a person reads.

Errors a worker can catch carry the platform's own class name and text, because
workers match on them. Errors a person reads say what happened, where, and what to try.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Thrown(NamedTuple):
    """Where JavaScript threw. file, line, function: the innermost line of the worker's own code; "" and 0 if
    it is in none. trace: its stack through that code, or ""."""

    file: str
    line: int
    function: str
    trace: str


class PlatformError(Exception):
    """An error as the Workers runtime throws it.

    `name` is the JavaScript class ("Error", "TypeError", ...), `message` the exact text. `thrown`: where
    JavaScript threw it on, None for Python.
    """

    name: str = "Error"
    thrown: Thrown | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class PlatformTypeError(PlatformError):
    """A JavaScript `TypeError` of the runtime."""

    name = "TypeError"


class PlatformRangeError(PlatformError):
    """A JavaScript `RangeError` of the runtime."""

    name = "RangeError"


class PlatformSyntaxError(PlatformError):
    """A JavaScript `SyntaxError`, thrown for text that is not JSON."""

    name = "SyntaxError"


def platform_error(name: str, message: str) -> PlatformError:
    """The runtime's error of a class of JavaScript; "Error" for one that it does not throw."""
    for kind in (PlatformTypeError, PlatformRangeError, PlatformSyntaxError):
        if kind.name == name:
            return kind(message)
    return PlatformError(message)


class JavaScriptError(Exception):
    """What a JavaScript worker threw. name, message, stack: as JavaScript has them. thrown: where it did, in
    the user's own files, None where that is not known."""

    def __init__(self, name: str, message: str, stack: str, thrown: Thrown | None = None) -> None:
        super().__init__(f"{name}: {message}" if message else name)
        self.name = name
        self.message = message
        self.stack = stack
        self.thrown = thrown


class QuotaExceeded(PlatformError):
    """A daily KV quota is spent: `KV put() limit exceeded for the day.`"""


class TooManySubrequests(PlatformError):
    """The invocation has used up its external or internal subrequests."""


class KVRequestFailed(PlatformError):
    """The KV backend answered with a status outside 200-299.

    `method` is what the runtime names in the text (GET, PUT, DELETE, GET_BULK; a list says GET).
    """

    def __init__(self, method: str, status: int, reason: str) -> None:
        super().__init__(f"KV {method} failed: {status} {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input, at a place in it.

    path: the file, or the name of an option. what: the sentence a person reads. hint: what to try, or "".
    line, column: from 1; 0 where they are not known. excerpt: that line with a marker below it, or "".
    """

    path: str
    what: str
    hint: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""

    @property
    def where(self) -> str:
        """`file:line:column`, as far as it is known."""
        return ":".join([self.path, *(str(number) for number in (self.line, self.column) if number)])

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        if self.excerpt:
            text += f"\n{self.excerpt}"
        if self.hint:
            text += f"\n  {self.hint}"
        return text


class BadInput(Exception):
    """Input that cannot be used; all its problems in one go (exit code 2)."""

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant, or ""."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, 1)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the known word that was most likely meant, or ""."""
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else ""


class WorkerRaised(Exception):
    """The worker raised something that is neither caught by it nor the platform's, where the edge is strict
    (`replay --strict-worker`, exit code 3).

    The worker's own exception is `__cause__`. `where` names route, invocation and virtual instant.
    """

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class WorkerMisbehaved(BaseException):
    """The worker did what ends a run: it exits, hangs, opens a socket, starts a thread (exit code 3).

    Not an Exception, so that no `except Exception` of a worker hides it.

    what: as a sentence. where: "shop.py:12", or "". request: "GET /cart, invocation 7", or "" at import.
    hint: what to try, or "".
    """

    def __init__(self, what: str, where: str = "", *, request: str = "", hint: str = "") -> None:
        super().__init__(what, where)
        self.what = what
        self.where = where
        self.request = request
        self.hint = hint

    def __str__(self) -> str:
        text = ": ".join(filter(None, (self.where, self.request, self.what)))
        return f"{text}\n  {self.hint}" if self.hint else text
