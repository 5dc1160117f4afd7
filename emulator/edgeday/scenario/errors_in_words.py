"""The scenario model's errors: all of them, in words for a person who writes scenario files."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel, Tag, ValidationError

from edgeday.errors import did_you_mean
from edgeday.fields import NAME_PATTERN, NAME_RULE, Kind
from edgeday.scenario.model import KINDS, Scenario
from edgeday.scenario.request_template import PATH_PATTERN
from edgeday.scenario.values import KIND_WORDS, KINDS_OF_VALUES
from edgeday.scenario.yaml_source import Location

_GONE = object()
_STAND_INS = {"name": "stand-in", "start": "2026-02-16T00:00:00Z", "days": 400}
"""Values with which nothing else can be at odds, for fields that a scenario must have or compares."""
_COMPARED_WITH: Mapping[str, frozenset[str]] = {
    **{field: names for kind in KINDS.values() for field, names in kind.model.compared_with.items()},
    **{kind.model.keyword: frozenset({kind.model.keyword}) for kind in KINDS.values()},
}
"""What a field below a model is compared with in it; for others it may be all of its fields."""
_NAMED_PARTS: Mapping[str, Mapping[str, Any]] = {"traffic": {"requests": 0, "path": "/"}, "background": {}}
"""Lists whose items have names that are compared, and what such an item must say."""


class ModelError(NamedTuple):
    """at: the place of a value, or of its key if `at_key`. hint: what to try, or ""."""

    at: Location
    what: str
    hint: str = ""
    at_key: bool = False


def validate(values: Mapping[str, Any]) -> tuple[Scenario | None, list[ModelError]]:
    """A scenario from plain values, or None and all that is wrong with them.

    The model compares fields with each other only where each of them is good by itself. To find those
    errors too in one go, what is wrong is left out and the rest is looked at again.
    """
    errors: list[Mapping[str, Any]] = []
    left_out: set[Location] = set()
    rest: Mapping[str, Any] = values
    while True:
        try:
            scenario = Scenario.model_validate(rest)
            return (None if errors else scenario), [_in_words(error, values) for error in errors]
        except ValidationError as invalid:
            round_errors: list[Mapping[str, Any]] = [dict(error) for error in invalid.errors()]
        errors += [error for error in round_errors if not left_out or _is_new(error, values, left_out)]
        before = len(left_out)
        left_out |= {_to_leave_out(error, values) for error in round_errors}
        if len(left_out) == before:
            return None, [_in_words(error, values) for error in errors]
        rest = _rest_of(values, left_out)


def _is_new(error: Mapping[str, Any], values: Mapping[str, Any], left_out: Collection[Location]) -> bool:
    """Whether an error comes of comparing fields, none of which had been left out."""
    if error["type"] != "impossible":
        return False
    model = _without_tags(error["loc"], values)
    depth = len(model)
    fields = {  # a list of which an item is left out is left out itself
        place[depth]
        for place in left_out
        if place[:depth] == model and (len(place) == depth + 1 or isinstance((*place, "")[depth + 1], int))
    }
    return not model or not fields & _COMPARED_WITH.get(str(_place(error, values)[-1]), fields)


def _to_leave_out(error: Mapping[str, Any], values: Mapping[str, Any]) -> Location:
    place = _place(error, values)
    if error["type"] == "missing":
        return place[:-1] or place
    return _as_written(values, place)


def _rest_of(values: Mapping[str, Any], left_out: Collection[Location]) -> dict[str, Any]:
    rest = _pruned(values, (), left_out)
    kept: dict[str, Any] = rest if isinstance(rest, dict) else {}
    kept |= {name: value for name, value in _STAND_INS.items() if (name,) in left_out}
    if ("start",) in left_out:  # no probe can be said to come before it
        kept.pop("probes", None)
    if any(place[:1] == ("probes",) for place in left_out):  # nothing can be said to come after all of them
        kept.pop("platform", None)
    return kept


def _pruned(value: Any, at: Location, left_out: Collection[Location]) -> Any:
    """A value without the places that are left out; list items keep their positions."""
    if at in left_out:
        is_name = len(at) == 3 and at[0] in _NAMED_PARTS and at[2] == "name"
        return f"stand-in {at[0]} {at[1]}" if is_name else _GONE
    if isinstance(value, Mapping):
        inner = {key: _pruned(item, (*at, key), left_out) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item is not _GONE}
    if isinstance(value, list):
        items = [_pruned(item, (*at, number), left_out) for number, item in enumerate(value)]
        if len(at) == 1 and at[0] in _NAMED_PARTS:
            return [
                {"name": f"stand-in {at[0]} {number}", **_NAMED_PARTS[str(at[0])]} if item is _GONE else item
                for number, item in enumerate(items)
            ]
        return _GONE if _GONE in items else items
    return value


def _without_tags(location: Location, values: Any) -> Location:
    """A location without the names of the forms that values have in the model, such as <RequestTraffic>."""
    place: list[str | int] = []
    for part, following in pairwise((*location, "")):
        is_key = isinstance(values, Mapping) and part in values
        if not is_key and isinstance(part, str) and part.startswith("<") and part.endswith(">"):
            named = part[1:-1]
            if isinstance(values, Mapping) and [*values] == [named] != [following]:  # {uniform: [1, 5]}
                place.append(named)
                values = values[named]
            continue
        if isinstance(values, list) and isinstance(part, str):  # a list that stands for a mapping
            continue
        if isinstance(part, int) and isinstance(values, Mapping):  # one thing in the place of a list
            continue
        place.append(part)
        values = _item(values, part)
    return tuple(place)


def _item(value: Any, part: str | int) -> Any:
    """What a mapping or list holds, or None."""
    if isinstance(value, Mapping):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _is_of_key(error: Mapping[str, Any]) -> bool:
    return bool(error["type"] not in _UNKNOWN_KEY and error["loc"][-1:] == ("[key]",))


def _place(error: Mapping[str, Any], values: Mapping[str, Any]) -> Location:
    """Where in the values an error is: its own location, and below it the field that it names."""
    if _is_of_key(error):
        return _without_tags(error["loc"][:-1], values)
    at: Location = tuple(error.get("ctx", {}).get("at", ()))
    return _without_tags((*error["loc"], *at), values)


_UNKNOWN_KEY = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
"""What is said of a key that a model has not, and of one that a dataclass has not."""

_WORDS = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "dataclass_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} {items}",
    "too_long": "must have at most {max_length} {items}",
    "string_pattern_mismatch": "must match {pattern}",
    "datetime_type": "must be an instant such as 2026-02-16T00:00:00Z",
    "distribution": "must be a number, two numbers [least, most], or a mapping with fixed, uniform, normal "
    "or lognormal, such as {{lognormal: {{median: 40, sigma: 0.5}}}}",
    "value": f"must be {KIND_WORDS}".replace("{", "{{").replace("}", "}}"),
}
_PATTERN_WORDS = {
    NAME_PATTERN: NAME_RULE,
    r"^[A-Z]{3}$": "must be three capital letters such as SOF",
    r"^[A-Z]+$": "must be capital letters such as POST",
    r"^/[!-~]*$": "must begin with / and be ASCII without blanks",
    PATH_PATTERN: "must begin with /, or with the {{placeholder}} of a path, and be ASCII without blanks",
}


def _in_words(error: Mapping[str, Any], values: Mapping[str, Any]) -> ModelError:
    place = _place(error, values)
    kind: str = error["type"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if _is_of_key(error):
        return ModelError(place, error["msg"], at_key=True)
    if kind in _UNKNOWN_KEY:
        return _unknown_key(place, error["loc"])
    if kind == "missing":
        return ModelError(place[:-1], f'"{place[-1]}" is missing')
    if context.get("message"):
        return ModelError(place, error["msg"], context.get("hint", ""))
    place = _as_written(values, place)
    if kind == "literal_error":
        return _no_such_word(place, str(context["expected"]), values)
    if kind == "union_tag_invalid":
        words, _, last = re.sub("[<>]", "", str(context["expected_tags"])).rpartition(", ")
        return _no_such_word(_as_written(values, (*place, "kind")), f"{words} or {last}", values)
    value = _value_at(values, place)
    rule = _PATTERN_WORDS.get(context.get("pattern", "")) or _WORDS.get(kind, str(error["msg"]))
    items = "item" if 1 in (context.get("min_length"), context.get("max_length")) else "items"
    rule = rule.format(items=items, **{name: _tidy(value) for name, value in context.items()})
    hints = (did_you_mean(str(key), KINDS_OF_VALUES) for key in value) if kind == "value" and value else ()
    hint = next(filter(None, hints), "")
    return ModelError(place, f"{_named(place)} {rule}; this is {_as_written_out(value)}", hint)


def _unknown_key(place: Location, location: Location) -> ModelError:
    """A key that the model has not, or that only another kind of the same thing has."""
    key = str(place[-1])
    model, forms = _model_at(location[:-1])
    if issubclass(model, Kind):
        for tag, form in forms:
            if key in _fields_of(form):
                verb = "belong" if key.endswith("s") else "belongs"
                own = model.model_fields["kind"].annotation
                what = f"{key} {verb} to {tag.strip('<>')} {model.noun}, not to {get_args(own)[0]}"
                return ModelError(place, what, at_key=True)
    known = _fields_of(model)
    hint = did_you_mean(key, known) or f"known here: {', '.join(known)}"
    return ModelError(place, f'unknown key "{key}"', hint, at_key=True)


def _no_such_word(place: Location, expected: str, values: Mapping[str, Any]) -> ModelError:
    """A word that is none of those that may stand at a place."""
    expected = expected.replace("'", '"')
    word = _value_at(values, place)
    hint = did_you_mean(str(word), re.findall(r'"(.*?)"', expected))
    return ModelError(place, f"{_named(place)} must be {expected}; this is {_as_written_out(word)}", hint)


def _named(place: Location) -> str:
    """What a reader calls a value: its key, or its position in the list under a key."""
    names = [part for part in place if isinstance(part, str)]
    if not place or not names:
        return "this"
    last = place[-1]
    return f'"{last}"' if isinstance(last, str) else f'item {last + 1} of "{names[-1]}"'


def kind_of(value: Any) -> str:
    """What sort of value something is, in words."""
    names = {type(None): "nothing", str: "text", bool: "true or false", list: "a list", dict: "a mapping"}
    return names.get(type(value), "a number")


def _as_written_out(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else kind_of(value)


def _tidy(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value


def _as_written(value: Any, place: Location) -> Location:
    """A place as far as it is written: some values may be written shorter than the model has them."""
    for depth, part in enumerate(place):
        known = isinstance(value, dict) and part in value
        if not known and not (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            return place[:depth]
        value = value[part]
    return place


def _value_at(value: Any, place: Location) -> Any:
    for part in place:
        value = value[part]
    return value


def _model_at(location: Location) -> tuple[type[Any], list[tuple[str, type[Any]]]]:
    """The model at a location, whose tags say which of several forms it is; and all forms with their tags."""
    model: type[Any] = Scenario
    forms: list[tuple[str, type[Any]]] = []
    for number, part in enumerate(location):
        parts = _fields_of(model)
        if part in parts:
            forms = list(_models_in(parts[str(part)], ""))
            tags = location[number + 1 :]
            model = next((form for tag, form in forms if tag in tags), forms[0][1] if forms else model)
    return model, forms


def _fields_of(model: type[Any]) -> Mapping[str, Any]:
    """The fields of a model, or of a dataclass, with their types."""
    if issubclass(model, BaseModel):
        return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return {field.name: get_type_hints(model)[field.name] for field in fields(model)}


def _models_in(annotation: Any, tag: str) -> Iterator[tuple[str, type[Any]]]:
    """The models that a field may hold, each with its tag, "" if it has none."""
    if isinstance(annotation, type) and (issubclass(annotation, BaseModel) or is_dataclass(annotation)):
        yield tag, annotation
    parts = get_args(annotation)
    tag = next((part.tag for part in parts if isinstance(part, Tag)), tag)
    for part in parts:
        yield from _models_in(part, tag)
