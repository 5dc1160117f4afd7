"""What is kept of a day of the original worker: data from which the port can be held to it without it.

No word of its prompts is kept, only how much room they take. Of each invocation there are its beginning and
end, and a digest of all its operations; of one day all operations as well.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracle.prompts import Shape
from tests.oracle.recording import Done, Ended, Recorded

FOLDER = Path(__file__).parent.parent / "traces" / "days"
WHOLE_DAY = "normal"
"""The day of which all operations are kept."""
_FIELDS = tuple(name for name in Done._fields if name != "whole")


class Kept(NamedTuple):
    """A day as it is kept. of: what it is of. rows: by invocation, how it began and ended, how many
    operations it made, and their digest. operations: of each invocation; empty unless all are kept."""

    of: dict[str, str]
    prompts: dict[int, list[Shape]]
    rows: dict[int, list[Any]]
    operations: dict[int, list[list[Any]]]


def path_of(day: str, variant: str) -> Path:
    return FOLDER / f"{variant}.{day}.json.gz"


def kept(day: Recorded, of: dict[str, str]) -> Kept:
    """What is kept of a recorded day."""
    rows = {
        number: [list(day.ended[number]) if number in day.ended else [], len(done), _digest(done)]
        for number, done in sorted({**_quiet(day), **day.operations}.items())
    }
    whole = {number: _plain(done) for number, done in day.operations.items()}
    return Kept(
        of,
        {number: [Shape.of(prompt) for prompt in prompts] for number, prompts in sorted(day.prompts.items())},
        rows,
        whole if of["day"] == WHOLE_DAY else {},
    )


def _quiet(day: Recorded) -> dict[int, list[Done]]:
    """The invocations that made no operation."""
    return {number: [] for number in day.ended if number not in day.operations}


def _plain(operations: list[Done]) -> list[list[Any]]:
    return [[getattr(done, name) for name in _FIELDS] for done in operations]


def _digest(operations: list[Done]) -> str:
    return hashlib.sha256(json.dumps(_plain(operations)).encode()).hexdigest()[:16]


def differences(before: Kept, now: Recorded) -> Iterator[str]:
    """In words, what is otherwise than what is kept; nothing if all is as it was."""
    mine = kept(now, before.of)
    for number in sorted(before.rows.keys() | mine.rows.keys()):
        theirs, ours = before.rows.get(number), mine.rows.get(number)
        if theirs == ours:
            continue
        if theirs is None or ours is None:
            yield f"invocation {number}: only {'the port' if theirs is None else 'the original'} made it"
            continue
        if theirs[0] != ours[0]:
            yield f"invocation {number}: {Ended(*theirs[0])} of the original, {Ended(*ours[0])} of the port"
        yield from _operations(number, before.operations.get(number), mine, theirs, ours)


def _operations(
    number: int, before: list[list[Any]] | None, mine: Kept, theirs: list[Any], ours: list[Any]
) -> Iterator[str]:
    if theirs[1:] == ours[1:]:
        return
    if before is None:
        yield f"invocation {number}: {theirs[1]} operations of the original, {ours[1]} others of the port"
        return
    for place, (done, own) in enumerate(zip(before, mine.operations[number], strict=False)):
        if done != own:
            yield f"invocation {number}, operation {place}: {done} of the original, {own} of the port"
            return
    yield f"invocation {number}: {theirs[1]} operations of the original, {ours[1]} of the port"


def write(day: Kept, path: Path) -> None:
    """Keep a day: the same day gives the same bytes."""
    shapes = {shape: None for prompts in day.prompts.values() for shape in prompts}
    places = {shape: place for place, shape in enumerate(shapes)}
    content = {
        "format": 1,
        **day.of,
        "shapes": list(shapes),
        "prompts": {number: [places[shape] for shape in prompts] for number, prompts in day.prompts.items()},
        "rows": day.rows,
        "operations": day.operations,
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def read(path: Path) -> Kept:
    """A day that was kept."""
    content = json.loads(gzip.decompress(path.read_bytes()))
    shapes = [Shape(*shape) for shape in content.pop("shapes")]
    prompts = {
        int(number): [shapes[place] for place in places] for number, places in content.pop("prompts").items()
    }
    rows = {int(number): row for number, row in content.pop("rows").items()}
    operations = {int(number): done for number, done in content.pop("operations").items()}
    del content["format"]
    return Kept(content, prompts, rows, operations)
