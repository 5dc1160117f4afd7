"""Two recorded days side by side: every operation of every invocation, field by field."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from tests.oracle.recording import Done, Ended, Recorded

_SHOWN = 8
"""Kinds of differences that are shown of a day."""


@dataclass
class Comparison:
    """differing: invocations in which anything differs. kinds: differences by what they are, with how often;
    examples: the first of each, as (invocation, place, original, port)."""

    invocations: int = 0
    operations: int = 0
    differing: set[int] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def differ(self, what: str, invocation: int, place: int, original: Any, port: Any) -> None:
        self.differing.add(invocation)
        self.kinds[what] += 1
        self.examples.setdefault(what, (invocation, place, original, port))

    def lines(self) -> list[str]:
        """In words, the most frequent difference first."""
        same = self.invocations - len(self.differing)
        lines = [f"{same} of {self.invocations} invocations the same, {self.operations} operations"]
        for what, count in self.kinds.most_common(_SHOWN):
            number, place, original, port = self.examples[what]
            lines += [
                f"  {count} x {what}, first in invocation {number}, operation {place}",
                f"      original: {original}",
                f"      port:     {port}",
            ]
        if len(self.kinds) > _SHOWN:
            lines.append(f"  and {len(self.kinds) - _SHOWN} more kinds")
        return lines


def compared(original: Recorded, port: Recorded) -> Comparison:
    """Everything that was recorded of both, prompts included."""
    result = Comparison()
    for number in sorted(original.ended.keys() | port.ended.keys() | {0}):
        result.invocations += number > 0
        theirs, ours = original.ended.get(number), port.ended.get(number)
        if number == 0:  # what was done outside any
            pass
        elif theirs is None or ours is None:
            result.differ("an invocation that only one made", number, 0, theirs, ours)
        else:
            _fields(result, Ended, "invocation", number, 0, theirs, ours)
        pairs = zip_longest(original.operations.get(number, ()), port.operations.get(number, ()))
        for place, (done, own) in enumerate(pairs):
            result.operations += 1
            if done is None or own is None:
                made = done or own
                who = "the port" if done is None else "the original"
                result.differ(f"{made.service} {made.op} that only {who} made", number, place, done, own)
            else:
                _fields(result, Done, f"{done.service} {done.op}", number, place, done, own)
    for place, (answer, own) in enumerate(zip_longest(original.answers, port.answers)):
        if answer != own:
            result.differ("an answer", 0, place, answer, own)
    return result


def _fields(
    result: Comparison, kind: Any, what: str, number: int, place: int, original: Any, port: Any
) -> None:
    differing = [name for name in kind._fields if getattr(original, name) != getattr(port, name)]
    if differing:
        result.differ(f"{what}: {', '.join(differing)}", number, place, original, port)
