"""The request log: a line for each request and each run of a cron, and what went wrong below it.

A line fits the terminal's width; where the output is no terminal, nothing is shortened. Text that a worker or
a client has made is shown without control characters.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final, TextIO

from edgeday.account import Services
from edgeday.clock import Clock
from edgeday.errors import BadInput
from edgeday.events import Diagnostic, Operation
from edgeday.ledger import QUOTAS
from edgeday.report.wording import plural
from edgeday.server.exchanges import Counts, Exchange
from edgeday.server.platform_reasons import reason_of
from edgeday.server.words import time_of_day

_INDENT: Final = " " * 9
_LEAST_TARGET: Final = 16
_LEAST_WIDTH: Final = 40
_UNBOUNDED: Final = 10_000
_SHOWN_TROUBLES: Final = 3
_REMEMBERED_DIAGNOSTICS: Final = 1_000
_STYLES: Final[Mapping[str, str]] = {
    "dim": "2", "good": "32", "other": "36", "odd": "33", "bad": "31", "strong": "1",
}  # fmt: skip
_STATUS_STYLES = {2: "good", 3: "other", 4: "odd", 5: "bad"}
_CACHE_WORDS = {
    "hit": ("hit", "hits"), "miss": ("miss", "misses"), "stored": ("stored",) * 2,
    "not-stored": ("not stored",) * 2, "deleted": ("deleted",) * 2, "absent": ("absent",) * 2,
    "evicted": ("evicted",) * 2, "refused": ("refused",) * 2, "error": ("failed",) * 2,
}  # fmt: skip


class RequestLog:
    """Writes what exchanges come to.

    out: where to. quiet: write only what went wrong.
    """

    def __init__(self, out: TextIO, *, quiet: bool = False) -> None:
        self._out = out
        self._quiet = quiet
        self._is_terminal = out.isatty()
        self._coloured = self._is_terminal and "NO_COLOR" not in os.environ
        self._diagnosed: set[tuple[str, str]] = set()

    def answered(self, exchange: Exchange) -> None:
        """Write the line of a request whose answer was sent."""
        counts = exchange.take()
        below = list(self._mishaps(exchange, counts))
        if below or exchange.failure or not self._quiet:
            self._write([self._line(exchange, counts), *below])

    def ended(self, exchange: Exchange) -> None:
        """Write what `waitUntil` work did after the answer, if it did anything."""
        counts = exchange.take()
        below = list(self._mishaps(exchange, counts))
        words = operations_in_words(counts)
        if below or (words and not self._quiet):
            what = printable(f"{exchange.method} {exchange.target}")
            room = self._width - len(_INDENT) - len(f"after :  {words}")
            head = f"after {shortened(what, max(room, _LEAST_TARGET))}:"
            line = self._time(exchange.services.clock) + self._styled(f"{head} {words}".rstrip(), "dim")
            self._write([line, *below])

    def say(self, clock: Clock, text: str, style: str = "strong") -> None:
        """Write a notice of the server's own, a line after its time; more lines stand below it."""
        first, *rest = text.splitlines()
        self._write([self._time(clock) + self._styled(printable(first), style), *self._indented(rest)])

    def say_problems(self, clock: Clock, text: str, bad: BadInput) -> None:
        """Write what a person has to mend."""
        self.say(clock, "\n".join([text, *(str(problem) for problem in bad.problems)]), "bad")

    @property
    def _width(self) -> int:
        if not self._is_terminal:
            return _UNBOUNDED
        return max(shutil.get_terminal_size((80, 24)).columns, _LEAST_WIDTH)

    def _time(self, clock: Clock) -> str:
        return self._styled(time_of_day(clock.now()), "dim") + " "

    def _line(self, exchange: Exchange, counts: Counts) -> str:
        words = operations_in_words(counts)
        if exchange.subrequests:
            words = f"{words} · {plural(exchange.subrequests, 'subrequest')}"
        method, result = exchange.method, f"{exchange.status or '-'} {round(exchange.lasted_ms):,} ms"
        if exchange.method == "cron":
            result = f"{exchange.outcome} {round(exchange.lasted_ms):,} ms"
        room = self._width - len(_INDENT) - len(method) - len(result) - 2
        target = printable(exchange.target)
        spilled = ""
        if words and len(target) + len(words) + 2 > room:
            if room - len(words) - 2 < _LEAST_TARGET:
                spilled, words = "\n" + "\n".join(self._indented([words])), ""
            else:
                target = shortened(target, room - len(words) - 2)
        target = shortened(target, room)
        style = "bad" if exchange.failure else _STATUS_STYLES.get(exchange.status // 100, "odd")
        if method == "cron":
            style = "good" if exchange.outcome == "ok" else "bad"
        line = f"{self._time(exchange.services.clock)}{method} {target} {self._styled(result, style)}"
        return f"{line}{'  ' + words if words else ''}{spilled}"

    def _mishaps(self, exchange: Exchange, counts: Counts) -> Iterator[str]:
        """What went wrong: the worker's exception, refused and failed operations, diagnostics."""
        reasons = Counter(trouble_in_words(trouble, exchange.services) for trouble in counts.troubles)
        failure = exchange.take_failure()
        misbehaved = None if failure is None else exchange.misbehaved
        if misbehaved is not None:
            what = ": ".join(filter(None, (misbehaved.where, misbehaved.what)))
            yield from self._indented([what, *misbehaved.hint.splitlines()], "bad")
        elif failure is not None:
            known = any(trouble.reason and trouble.reason in failure.error for trouble in counts.troubles)
            error = self._indented([] if known else [failure.error], "bad")
            if failure.trace.startswith(failure.error):  # JavaScript says first what was thrown, then where
                yield from error
                yield from self._indented(failure.trace[len(failure.error) :].splitlines()[1:])
            else:
                *trace, _ = failure.trace.splitlines() or [""]
                yield from self._indented(trace)
                yield from error
        for reason, count in list(reasons.items())[:_SHOWN_TROUBLES]:
            times = f" ({count} times)" if count > 1 else ""
            yield from self._indented([reason + times], "bad" if failure else "odd")
        if len(reasons) > _SHOWN_TROUBLES:
            yield from self._indented([f"and {len(reasons) - _SHOWN_TROUBLES} more"], "odd")
        for diagnostic in counts.diagnostics:
            if self._is_new(diagnostic):
                place = f"{diagnostic.place}: " if diagnostic.place else ""
                yield from self._indented([place + diagnostic.text], "odd")

    def _is_new(self, diagnostic: Diagnostic) -> bool:
        """Whether a diagnostic was not written yet; each is written once."""
        name = (diagnostic.id, diagnostic.place)
        if name in self._diagnosed or len(self._diagnosed) >= _REMEMBERED_DIAGNOSTICS:
            return False
        self._diagnosed.add(name)
        return True

    def _indented(self, texts: list[str], style: str = "") -> Iterator[str]:
        for text in texts:
            text = printable(text)
            lines = textwrap.wrap(text, self._width - len(_INDENT), break_on_hyphens=False) or [""]
            yield from (_INDENT + self._styled(line, style) for line in lines)

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and self._coloured else text

    def _write(self, lines: list[str]) -> None:
        """Write lines; a request does not fail because nobody reads them, or because of their letters."""
        encoding = self._out.encoding or "utf-8"
        text = "\n".join([*lines, ""]).encode(encoding, "replace").decode(encoding)
        with suppress(OSError, ValueError):  # a pipe whose reader is gone; an output that is closed
            self._out.write(text)
            self._out.flush()


def trouble_in_words(trouble: Operation, services: Services) -> str:
    """What was refused or failed, and why."""
    if trouble.service == "waitUntil":
        return f"waitUntil: {reason_of(trouble, services)}"
    return f"{trouble.call} {shortened(trouble.key, 60)}: {reason_of(trouble, services)}"


def operations_in_words(counts: Counts) -> str:
    """Quota units, calls of caches and fetches: "KV 2 reads, 1 write · cache 1 hit · 1 fetch"."""
    kv = [_units(counts.charged[quota.name], quota.name) for quota in QUOTAS if counts.charged[quota.name]]
    kv += [
        f"{_units(counts.refused[quota.name], quota.name)} refused"
        for quota in QUOTAS
        if counts.refused[quota.name]
    ]
    cache = [
        f"{count} {_CACHE_WORDS.get(outcome, (outcome, outcome))[count > 1]}"
        for outcome, count in counts.cache.items()
    ]
    parts = [
        f"KV {', '.join(kv)}" if kv else "",
        f"cache {', '.join(cache)}" if cache else "",
        f"{counts.fetches} {'fetch' if counts.fetches == 1 else 'fetches'}" if counts.fetches else "",
    ]
    return " · ".join(part for part in parts if part)


def _units(count: int, name: str) -> str:
    return f"{count:,} {name.removesuffix('s') if count == 1 else name}"


def printable(text: str) -> str:
    """A text in which control characters, and what UTF-8 cannot hold, are escaped."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def shortened(text: str, room: int) -> str:
    """A text that fits: its beginning and its end, with an ellipsis between them."""
    if len(text) <= room:
        return text
    tail = (room - 1) // 3
    return f"{text[: room - 1 - tail]}…{text[len(text) - tail :]}"
