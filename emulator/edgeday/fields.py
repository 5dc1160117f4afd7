"""What all models of written values share: strictness, errors that name their field, instants."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from edgeday.clock import DAY_S, in_utc


class Model(BaseModel):
    """A part of what is written: nothing unknown, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        serialize_by_alias=True,
    )


class Kind(Model):
    """One of several forms that a value may have, told apart by their field `kind`."""

    noun: ClassVar[str]
    """What the forms are forms of, in the plural."""


def tag_of(value: Any, default: str) -> str:
    """The tag of the form that a mapping is; without a kind it is the default one."""
    kind = value.get("kind", default) if isinstance(value, dict) else getattr(value, "kind", default)
    return f"<{kind}>"


def tuple_of(value: Any) -> Any:
    """One value or a list of them, as a tuple."""
    if value in ([], ()):
        raise impossible("the list is empty")
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def impossible(message: str, *at: str | int) -> PydanticCustomError:
    """An error that names the field below the model it belongs to."""
    return PydanticCustomError("impossible", "{message}", {"message": message, "at": list(at)})


def parse_instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise impossible(f'"{value}" is no instant; write 2026-02-16T00:00:00Z') from None
    if instant.tzinfo is None:
        raise impossible(f'"{value}" has no time zone; write {in_utc(instant)} for UTC')
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise impossible(f'"{value}" is outside the calendar') from None


NAME_RULE = "must be letters, digits, blanks and . _ -, a letter or digit first"
NAME_PATTERN = r"^[^\x00-/:-@\[-`{-\xa9][^\x00-\x1f!-,/:-@\[-^`{-\xa9]*$"
"""The rule for editors, as near as a pattern of every dialect comes: all that is not ASCII is a letter."""


def is_name(text: str) -> bool:
    """Whether a text can name a scenario: in a table, a file name, an address and a report of any format.

    Letters and digits are those of every script, with the marks that belong to them.
    """
    kinds = [unicodedata.category(letter)[0] for letter in text]
    return (
        bool(kinds)
        and kinds[0] in "LN"
        and all(kind in "LMN" or letter in " ._-" for kind, letter in zip(kinds, text, strict=True))
    )


def _check_name(text: str) -> str:
    if not is_name(text):
        raise impossible(f'"name" {NAME_RULE}; this is {json.dumps(text, ensure_ascii=False)}')
    return text


Name = Annotated[
    str,
    Field(min_length=1, max_length=80, pattern=NAME_PATTERN),
    AfterValidator(_check_name),
]

UtcInstant = Annotated[datetime, BeforeValidator(parse_instant, json_schema_input_type=str)]

_OFFSET = re.compile(r"\+(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?\Z")


def offset_s(text: str) -> int | None:
    """Seconds of an offset such as +3d, +23h59m or +1d2h3m4s; None if the text is none."""
    match = _OFFSET.match(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return days * DAY_S + hours * 3600 + minutes * 60 + seconds


_DURATION = re.compile(
    r"(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?\Z"
)


def duration_s(text: str) -> float | None:
    """Seconds of a duration such as 40s, 1m30s, 1.5s, 200ms or 1d2h3m4s; None if the text is none."""
    match = _DURATION.match(text)
    if match is None:
        return None
    days, hours, minutes, seconds, thousandths = (float(part or 0) for part in match.groups())
    return days * DAY_S + hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def time_of_day_s(text: str) -> int:
    """Seconds from 00:00 of a time such as 12:30 or 12:30:05. Raises the model's error for anything else."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", text, re.ASCII)
    if match is None:
        raise impossible(f'"{text}" is no time of day; write HH:MM or HH:MM:SS')
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def end_of_day_s(text: str) -> int:
    """The same of a time at which something ends, which 24:00 may be too."""
    return DAY_S if text in {"24:00", "24:00:00"} else time_of_day_s(text)
