"""The values of a scenario: pools and distributions that the placeholders of its requests are filled from."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PositiveFloat,
    Tag,
    WithJsonSchema,
    model_validator,
)

from edgeday.errors import BadInput, Problem
from edgeday.fields import Model, impossible, tuple_of
from edgeday.scenario.templates import NAME

MAX_POOL = 1_000_000
"""Values that one pool may have."""
_MAX_WHOLE = 2**53 - 1
"""The largest whole number that JSON keeps exactly (Number.MAX_SAFE_INTEGER)."""

Pool = Callable[[str, int], Any]
"""A value from the seed of its draw and from the number of the request in its part (from 1)."""

Weight = Annotated[float, Field(ge=0, le=1_000_000_000)]
"""How often something comes, in proportion to other weights."""
Whole = Annotated[int, Field(ge=-_MAX_WHOLE, le=_MAX_WHOLE)]


class Zipf(Model):
    """Whole numbers from 1, some much more often than others: k comes in proportion to 1 / k^exponent."""

    zipf: Annotated[int, Field(ge=1, le=MAX_POOL)]
    """The largest: how many different values there are."""
    exponent: Annotated[PositiveFloat, Field(le=10)] = 1.0
    """The larger, the more often the first ones come."""

    def pool(self, rows: Sequence[Any] | None) -> Pool:
        sums = _zipf_sums(self.zipf, self.exponent)
        whole = sums[-1]
        return lambda seed, _: bisect_right(sums, fraction(seed) * whole) + 1


def _two_of(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and len(value) == 2:
        return tuple(value)
    raise impossible("write two whole numbers: [least, most]")


class WholeNumbers(Model):
    """Every whole number between two ends alike, both ends included."""

    uniform: Annotated[tuple[Whole, Whole], BeforeValidator(_two_of, json_schema_input_type=tuple[int, int])]
    """The least and the most."""

    @model_validator(mode="after")
    def _in_order(self) -> WholeNumbers:
        least, most = self.uniform
        if least > most:
            raise impossible(f"least {least} is more than most {most}", "uniform")
        return self

    def pool(self, rows: Sequence[Any] | None) -> Pool:
        least, most = self.uniform
        count = most - least + 1
        return lambda seed, _: least + min(int(fraction(seed) * count), count - 1)


class SequenceEnds(Model):
    """Where a sequence begins, and after which number it begins again."""

    from_: Annotated[Whole, Field(alias="from")] = 1
    """The first."""
    to: Whole | None = None
    """The last; default: it goes on."""

    @model_validator(mode="after")
    def _in_order(self) -> SequenceEnds:
        if self.to is not None and self.to < self.from_:
            raise impossible(f"it goes from {self.from_} to {self.to}, which is less", "to")
        return self


def _ends_written_short(value: Any) -> Any:
    return {"from": value} if not isinstance(value, (Mapping, SequenceEnds)) else value


class NumberSequence(Model):
    """One whole number after the other, by the number of the request in its part."""

    sequence: Annotated[
        SequenceEnds, BeforeValidator(_ends_written_short, json_schema_input_type=int | SequenceEnds)
    ]
    """The first, or {from: 1, to: 50}, which begins again after its last."""

    def pool(self, rows: Sequence[Any] | None) -> Pool:
        first, last = self.sequence.from_, self.sequence.to
        if last is None:
            return lambda _, number: first + number - 1
        count = last - first + 1
        return lambda _, number: first + (number - 1) % count


class Lines(Model):
    """Values from a file beside the scenario: a column of CSV, a field of JSON lines, or lines of text."""

    file: Annotated[str, Field(min_length=1)]
    """The file, looked for from the scenario's directory: .csv or .tsv with the names of its columns in the
    first line, .jsonl with a JSON value in each line, anything else as lines of text."""
    column: str | None = None
    """Which column of a CSV file, or field of the objects in JSON lines."""
    order: Literal["random", "sequence"] = "random"
    """random: each line alike; sequence: one after the other, by the number of the request in its part."""

    def pool(self, rows: Sequence[Any] | None) -> Pool:
        if rows is None:
            raise BadInput(Problem(self.file, "the values of this file have not been read"))
        if self.order == "sequence":
            return _in_turn(rows)
        return _alike(rows)


def _several(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        raise impossible("write a list, or texts with weights: {S: 70, M: 30}")
    return tuple_of(value)


class Choice(Model):
    """One of several values, each alike."""

    choice: Annotated[tuple[Any, ...], BeforeValidator(_several, json_schema_input_type=list[Any])]
    """The values, of any type."""

    def pool(self, rows: Sequence[Any] | None) -> Pool:
        return _alike(self.choice)


def _some_can_come(weights: dict[str, float]) -> dict[str, float]:
    if not weights:
        raise impossible("there is nothing to choose from")
    if not sum(weights.values()):
        raise impossible("the weights are all 0: none of them could come")
    return weights


class WeightedChoice(Model):
    """One of several texts, some more often than others."""

    choice: Annotated[dict[str, Weight], AfterValidator(_some_can_come)]
    """Each text with its weight."""

    def pool(self, rows: Sequence[Any] | None) -> Pool:
        texts = [text for text, weight in self.choice.items() if weight]
        sums = array("d", accumulate(weight for weight in self.choice.values() if weight))
        whole, last = sums[-1], len(texts) - 1
        return lambda seed, _: texts[min(bisect_right(sums, fraction(seed) * whole), last)]


def _alike(rows: Sequence[Any]) -> Pool:
    count = len(rows)
    return lambda seed, _: rows[int(fraction(seed) * count)]


def _in_turn(rows: Sequence[Any]) -> Pool:
    return lambda _, number: rows[(number - 1) % len(rows)]


@lru_cache(maxsize=8)
def _zipf_sums(count: int, exponent: float) -> array[float]:
    """The weights of 1 to `count`, added up; a table of 8 bytes for each, made once."""
    return array("d", accumulate(number**-exponent for number in range(1, count + 1)))


def fraction(seed: str) -> float:
    """A number from 0 to below 1, of 53 bits, by the seed alone. A generator made for one draw would cost ten
    times as much."""
    return (int.from_bytes(blake2b(seed.encode(), digest_size=7).digest()) >> 3) / 2**53


_KINDS = {"zipf": Zipf, "uniform": WholeNumbers, "sequence": NumberSequence, "file": Lines, "choice": Choice}
KINDS_OF_VALUES = tuple(_KINDS)
"""The words that say what a value is drawn from."""
KIND_WORDS = (
    "a list, one value, or a mapping with zipf, uniform, sequence, file or choice: "
    "{zipf: 10000}, {uniform: [1, 100]}, {file: items.csv, column: slug}"
)
"""What a value may be written as."""


def _written_short(value: Any) -> Any:
    """A list is a choice between its items; one value is always that one."""
    if isinstance(value, (list, tuple)):
        return {"choice": value}
    return {"choice": [value]} if isinstance(value, (str, int, float)) else value


def _kind(value: Any) -> str | None:
    if isinstance(value, Mapping):
        if isinstance(value.get("choice"), Mapping):
            return "<weights>"
        return next((f"<{name}>" for name in _KINDS if name in value), None)
    if isinstance(value, WeightedChoice):
        return "<weights>"
    return next((f"<{name}>" for name, kind in _KINDS.items() if isinstance(value, kind)), None)


Value = Annotated[
    Annotated[Zipf, Tag("<zipf>")]
    | Annotated[WholeNumbers, Tag("<uniform>")]
    | Annotated[NumberSequence, Tag("<sequence>")]
    | Annotated[Lines, Tag("<file>")]
    | Annotated[Choice, Tag("<choice>")]
    | Annotated[WeightedChoice, Tag("<weights>")],
    Discriminator(_kind, custom_error_type="value", custom_error_message="no such value"),
    BeforeValidator(
        _written_short,
        json_schema_input_type=(
            Zipf
            | WholeNumbers
            | NumberSequence
            | Lines
            | Choice
            | WeightedChoice
            | list[Any]
            | str
            | float
            | bool
        ),
    ),
]
"""What one value of a scenario is drawn from."""


def _checked_name(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise impossible(f'"{name}" is no name of a value: a letter or _, then letters, digits and _ - .')
    return name


ValueName = Annotated[
    str, AfterValidator(_checked_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME}$"})
]
"""What a placeholder can name."""


def pools_of(values: Mapping[str, Any], rows: Mapping[str, Sequence[Any]]) -> dict[str, Pool]:
    """How each value of a scenario is drawn. rows: what its files hold, by the value's name."""
    return {name: value.pool(rows.get(name)) for name, value in values.items()}


class Draws:
    """The values of one request, or of one session: each is drawn once, when it is first asked for.

    seed: of the request; every value has a draw of its own, so that one more leaves the others as they were.
    number: of the request in its part, from 1.
    """

    __slots__ = ("_again", "_drawn", "_pools", "number", "seed")

    def __init__(self, pools: Mapping[str, Pool], seed: str, number: int) -> None:
        self._pools = pools
        self._drawn: dict[str, Any] = {}
        self._again: dict[str, int] = {}
        self.seed = seed
        self.number = number

    def __getitem__(self, name: str) -> Any:
        """The value of a name. Raises BadInput if nothing defines it."""
        try:
            return self._drawn[name]
        except KeyError:
            pass
        pool = self._pools.get(name)
        if pool is None:
            raise BadInput(Problem("values", f"nothing defines {{{name}}}"))
        again = self._again.get(name)
        seed = f"{self.seed}/values/{name}" if again is None else f"{self.seed}/values/{name}/{again}"
        value = self._drawn[name] = pool(seed, self.number)
        return value

    def again(self, name: str) -> None:
        """Have a value drawn anew when it is next asked for; one by number stays what it is."""
        self._drawn.pop(name, None)
        self._again[name] = self._again.get(name, 0) + 1
