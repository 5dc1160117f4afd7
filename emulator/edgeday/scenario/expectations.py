"""What a scenario may expect of an answer: its status, parts of its JSON, headers, text.

Probes and the traffic have the same expectations, and they are checked in the same way.

Which names there are is looked up when they are used, not when this is imported: the models of worker
profiles may have expectations too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from edgeday.errors import did_you_mean
from edgeday.fields import impossible
from edgeday.measure.budgets import BudgetSyntaxError, Expression, parse_budget
from edgeday.scenario.profile import Expectation, profiles

_PREFIXED = ("json:", "header:")
_STATUS_CLASS = re.compile(r"([1-5])xx\Z", re.IGNORECASE)


def named_expectations() -> Mapping[str, Expectation]:
    """What worker profiles let a probe expect, by name."""
    return {name: one for profile in profiles().values() for name, one in profile.expectations.items()}


def _known(what: str) -> str:
    whole = ("status", *named_expectations(), "text")
    if what in whole or (what.startswith(_PREFIXED) and not what.endswith(":")):
        return what
    near = did_you_mean(what, whole)
    there_are = f"there are {', '.join(whole)}, json:PATH and header:NAME"
    raise impossible(f'"{what}" cannot be expected; {near or there_are}')


def _checkable(value: Any) -> Any:
    if isinstance(value, str) and (parsed := comparison(value)) is not None:
        if parsed.of_limit or parsed.window_h is not None or parsed.always:
            raise impossible(f'"{value}": an answer is compared with numbers only')
        return value
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise impossible("an answer is compared with text, a number, true, false or null")


def _with_a_status(expect: dict[str, Any]) -> dict[str, Any]:
    """Expectations whose status can be the one of an answer."""
    status = expect.get("status")
    if isinstance(status, str):
        can_be = status_class(status) is not None or comparison(status) is not None or "{" in status
    else:
        can_be = "status" not in expect or (type(status) is int and 100 <= status <= 599)
    if not can_be:
        raise impossible(
            f"{json.dumps(status)} is no status; write 200, 2xx, 200..299 or a comparison such as < 400",
            "status",
        )
    for name, value in expect.items():
        if value is None and (name == "text" or name.startswith("header:")):
            raise impossible(f'"{name}" is text, and cannot be null', name)
    return expect


def status_class(text: str) -> int | None:
    """The hundreds of a class of statuses: 2 of 2xx; None for any other text."""
    match = _STATUS_CLASS.match(text)
    return None if match is None else int(match[1])


def comparison(text: str) -> Expression | None:
    """The comparison that a text is (> 0, 5..10); None for any other text."""
    try:
        return parse_budget(text)
    except BudgetSyntaxError:
        return None


class _ExpectSchema:
    """The JSON Schema of what may be expected."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "status": {
                    "type": ["integer", "string"],
                    "description": "HTTP status of the answer: 200, 2xx, 200..299, < 400.",
                },
                **{
                    name: {"type": ["integer", "string"], "description": expectation.meaning}
                    for name, expectation in named_expectations().items()
                },
                "text": {
                    "type": ["string", "number", "boolean"],
                    "description": "Text that the answer's body contains.",
                },
            },
            "patternProperties": {
                "^json:.+$": {
                    "type": ["string", "number", "boolean", "null"],
                    "description": "A value in the JSON body, by its path: json:items.0.name, "
                    "json:items.length.",
                },
                "^header:.+$": {
                    "type": ["string", "number", "boolean"],
                    "description": "A header of the answer.",
                },
            },
        }


Expect = Annotated[
    dict[Annotated[str, AfterValidator(_known)], Annotated[Any, AfterValidator(_checkable)]],
    AfterValidator(_with_a_status),
    _ExpectSchema(),
]
"""What an answer has to be, as a field of a model: what is expected -> a value, or a comparison."""
