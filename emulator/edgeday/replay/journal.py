"""The journal of a run: every event as a line of JSON, enough to judge the run again without running it.

    {"event": "journal", "format": 4, "edgeday": "0.1.0"}
    {"event": "scenario", "scenario": {...}, "sha256": "...", "seed": 0, "limits": {...}, "runtime": {}}
    {"event": "operation", "at": 1771200000.0, "service": "kv", "op": "put", ...}
    {"event": "invocation-started", ...}  {"event": "invocation-ended", ...}
    {"event": "end", "ended_at": 1771286400.0, "interrupted": false, "probes": [], "misbehaved": "", ...}
    {"event": "journal-end", "scenarios": 1}

One journal holds all scenarios of a replay, one after the other. Its events carry keys and routes, but
no values, prompts or answers; of an answer they carry what a probe checked of it, and the first of the
traffic's expectations that it did not meet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, get_args, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from edgeday.errors import BadInput, Problem
from edgeday.events import (
    Cause,
    Diagnostic,
    Event,
    EventStream,
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
    SessionEnded,
    SessionStarted,
)
from edgeday.files import WholeFile
from edgeday.limits import AccountLimits
from edgeday.measure.results import ProbeResult, ScenarioResult
from edgeday.replay.baseline import scenario_hash
from edgeday.replay.judge import Judge, Observer, RunEnd, RunStart
from edgeday.scenario.model import Scenario

FORMAT = 4
"""Of the lines below; a journal of another format is refused."""

_KINDS: Mapping[str, type[Event]] = {
    "operation": Operation,
    "invocation-started": InvocationStarted,
    "invocation-ended": InvocationEnded,
    "diagnostic": Diagnostic,
    "expectation-checked": ExpectationChecked,
    "session-started": SessionStarted,
    "session-ended": SessionEnded,
}
_BUFFER_BYTES = 1 << 18
_MAX_LINE_BYTES = 1 << 24


class JournalWriter:
    """The observer that writes a journal; several runs may follow one another.

    Memory does not grow with the number of events. Nothing stands at `path` before `keep`. A disk that fills
    up does not disturb the run: `keep` tells it. Raises BadInput if the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = WholeFile(path)
        self._failed: BadInput | None = None
        self._scenarios = 0
        self._events = 0
        self._stops: list[Callable[[], None]] = []
        self._buffer = bytearray(_line("journal", {"format": FORMAT, "edgeday": version("edgeday")}))

    def begin(self, start: RunStart, events: EventStream) -> None:
        self._events = 0
        self._scenarios += 1
        head = {
            "scenario": start.scenario.model_dump(mode="json"),
            "sha256": scenario_hash(start.scenario),
            "seed": start.seed,
            "limits": asdict(start.limits),
            "runtime": dict(start.runtime),
        }
        self._append(_line("scenario", head))
        self._stops = [
            events.subscribe(Operation, self._writer("operation", Operation)),
            events.subscribe(InvocationStarted, self._writer("invocation-started", InvocationStarted)),
            events.subscribe(InvocationEnded, self._writer("invocation-ended", InvocationEnded)),
            events.subscribe(Diagnostic, self._writer("diagnostic", Diagnostic)),
            events.subscribe(ExpectationChecked, self._writer("expectation-checked", ExpectationChecked)),
            events.subscribe(SessionStarted, self._writer("session-started", SessionStarted)),
            events.subscribe(SessionEnded, self._writer("session-ended", SessionEnded)),
        ]

    def end(self, end: RunEnd) -> None:
        for stop in self._stops:
            stop()
        rest = {**asdict(end), "events": self._events}
        self._append(_line("end", rest))

    def keep(self) -> None:
        """Put the journal in its place."""
        self._append(_line("journal-end", {"scenarios": self._scenarios}))
        self._flush()
        if self._failed is not None:
            raise self._failed
        self._file.keep()

    def discard(self) -> None:
        """Give the journal up; an earlier one stays."""
        self._file.discard()

    def _writer(self, name: str, kind: type[Event]) -> Callable[[Event], None]:
        columns = ("event", *kind._fields)

        def write(event: Event) -> None:
            self._events += 1
            row = dict(zip(columns, (name, *event), strict=True))
            try:
                line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
            except TypeError:  # half a surrogate pair, which UTF-8 cannot hold
                line = json.dumps(row).encode() + b"\n"
            self._append(line)

        return write

    def _append(self, line: bytes) -> None:
        self._buffer += line
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._failed is None:
            try:
                self._file.write(bytes(self._buffer))
            except BadInput as bad:
                self._failed = bad
        self._buffer.clear()


def _line(name: str, rest: Mapping[str, Any]) -> bytes:
    return json.dumps({"event": name, **rest}).encode() + b"\n"


class Judged(NamedTuple):
    """A run of a journal, judged again."""

    scenario: Scenario
    result: ScenarioResult


def judge_journal(path: Path, observers: Sequence[Observer] = ()) -> list[Judged]:
    """Judge every run of a journal again: the results that the replay gave when it was written.

    observers: told of each run as if it went on now. Raises BadInput, with file and line, for a file that
    is no journal, is of another format, or is not whole.
    """
    judged: list[Judged] = []
    reader = _Reader(path)
    for start in reader.runs():
        judge = Judge()
        events = EventStream()
        for observer in (judge, *observers):
            observer.begin(start, events)
        for event in reader.events():
            events.emit(event)
        for observer in (judge, *observers):
            observer.end(reader.end)
        assert judge.result is not None  # it has been told the end
        judged.append(Judged(start.scenario, judge.result))
    return judged


class _Line(NamedTuple):
    kind: str
    row: dict[str, Any]


class _Reader:
    """Walks the lines of a journal: for each of `runs`, all of `events`, then `end`."""

    end: RunEnd

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0
        self._lines = self._read()

    def runs(self) -> Iterator[RunStart]:
        self._head(next(self._lines, None))
        for runs, line in enumerate(self._lines):
            if line.kind == "journal-end":
                if line.row != {"scenarios": runs}:
                    self._refuse(f"{runs} scenarios stand above, this line counts {line.row}")
                self._nothing_more()
                return
            if line.kind != "scenario":
                self._refuse(f'a scenario was to begin here, this is "{line.kind}"')
            yield self._start(line.row)
        self._cut_off()

    def events(self) -> Iterator[Event]:
        count = 0
        for line in self._lines:
            kind = _KINDS.get(line.kind)
            if kind is not None:
                count += 1
                yield self._event(kind, line.row)
            elif line.kind == "end":
                self.end = self._end(line.row, count)
                return
            else:
                self._refuse(f'an event was to stand here, this is "{line.kind}"')
        self._cut_off()

    def _read(self) -> Iterator[_Line]:
        try:
            with self._path.open("rb") as file:
                while data := file.readline(_MAX_LINE_BYTES):
                    self._number += 1
                    if not data.endswith(b"\n"):
                        self._cut_off()
                    yield self._parse(data)
        except OSError as error:
            raise BadInput(Problem(str(self._path), f"cannot be read: {error.strerror}")) from None

    def _parse(self, data: bytes) -> _Line:
        row: Any = None
        try:
            row = orjson.loads(data)
        except ValueError:
            try:
                row = json.loads(data)
            except (ValueError, RecursionError):
                self._refuse("is no line of JSON" if self._number > 1 else _NO_JOURNAL)
        if not isinstance(row, dict) or not isinstance(row.get("event"), str):
            self._refuse('is no JSON object with an "event"' if self._number > 1 else _NO_JOURNAL)
        return _Line(row.pop("event"), row)

    def _head(self, line: _Line | None) -> None:
        if line is None or line.kind != "journal":
            self._number = 1
            self._refuse(_NO_JOURNAL)
        if line.row.get("format") != FORMAT:
            by = f"edgeday {line.row.get('edgeday', '(unknown)')}"
            self._refuse(
                f"the journal is in format {line.row.get('format')}, written by {by}; "
                f"edgeday {version('edgeday')} reads format {FORMAT}"
            )

    def _start(self, row: dict[str, Any]) -> RunStart:
        try:
            scenario = Scenario.model_validate(row["scenario"])
            limits, seed = AccountLimits(**row["limits"]), row["seed"]
        except (KeyError, TypeError, ValidationError) as error:
            self._refuse(f"the scenario in it cannot be used: {error}")
        if scenario_hash(scenario) != row.get("sha256"):
            self._refuse("the scenario in it is not the one that was replayed: its hash differs")
        for field in fields(AccountLimits):
            value = getattr(limits, field.name)
            if value is not None and not isinstance(value, str if field.name == "account" else int):
                self._refuse(f"the limit {field.name} is {value!r}")
        if not isinstance(seed, int):
            self._refuse(f"the seed is {seed!r}")
        runtime = row.get("runtime", {})  # journals of earlier versions have none
        if not isinstance(runtime, dict) or not all(isinstance(text, str) for text in runtime.values()):
            self._refuse(f"what the worker ran on is {runtime!r}")
        return RunStart(scenario, seed, limits, runtime)

    def _event(self, kind: type[Event], row: dict[str, Any]) -> Event:
        types = _TYPES[kind]
        if row.keys() != types.keys():
            wrong = sorted(row.keys() ^ types.keys())
            self._refuse(f"its fields are not those of format {FORMAT}: {', '.join(wrong)}")
        for name, value in row.items():
            if type(value) not in types[name]:
                self._refuse(f"{name} is {value!r}")
        if kind is Operation:
            row["cause"] = self._cause(row["cause"])
        return kind(**row)

    def _cause(self, name: str) -> Cause:
        try:
            return Cause(name)
        except ValueError:
            self._refuse(f"cause is {name!r}; there are: {', '.join(filter(None, Cause))}")

    def _end(self, row: dict[str, Any], count: int) -> RunEnd:
        if row.get("events") != count:
            self._refuse(f"{count} events stand above, {row.get('events')} were written")
        ended_at, interrupted = row.get("ended_at"), row.get("interrupted")
        misbehaved = row.get("misbehaved")
        if (
            not isinstance(ended_at, (int, float))
            or not isinstance(interrupted, bool)
            or not isinstance(misbehaved, str)
        ):
            self._refuse("does not say how the run ended")
        try:
            probes = _PROBES.validate_python(row.get("probes"))
        except ValidationError as error:
            self._refuse(f"the probes in it cannot be used: {error}")
        return RunEnd(ended_at, interrupted, probes, misbehaved)

    def _nothing_more(self) -> None:
        for _ in self._lines:
            self._refuse("stands after the end of the journal")

    def _cut_off(self) -> NoReturn:
        self._refuse("the journal ends here, in the middle: it was cut off")

    def _refuse(self, what: str) -> NoReturn:
        raise BadInput(Problem(str(self._path), what, line=max(self._number, 1)))


_PROBES = TypeAdapter(list[ProbeResult])
_NO_JOURNAL = "this is no journal of edgeday: its first line does not say so"


def _field_types(kind: type[Event]) -> dict[str, frozenset[type]]:
    allowed: dict[str, frozenset[type]] = {}
    for name, hint in get_type_hints(kind).items():
        types = {str if kind is Cause else kind for kind in get_args(hint) or (hint,)}
        allowed[name] = frozenset(types | ({int} if float in types else set()))
    return allowed


_TYPES: Mapping[type[Event], Mapping[str, frozenset[type]]] = {
    kind: _field_types(kind) for kind in _KINDS.values()
}
"""The types that each field of an event may have; a whole number may stand for a float."""
