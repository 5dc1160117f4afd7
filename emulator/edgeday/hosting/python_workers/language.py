"""`JSON`, `structuredClone` and the language's functions on text and numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from edgeday.hosting.python_workers.arrays import JsArray, text_of
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.callbacks import invoke
from edgeday.hosting.python_workers.containers import JsMap, JsObject, JsSet, from_data
from edgeday.hosting.python_workers.conversions import as_json
from edgeday.hosting.python_workers.dates import JsDate
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.proxies import (
    NOTHING,
    JsException,
    JsProxy,
    PyProxy,
    into_js,
    jsnull,
)
from edgeday.hosting.python_workers.value_classes import NamespaceObject
from edgeday.web import ambient
from edgeday.web.javascript import to_number, truthy
from edgeday.web.json_text import as_pyodide, javascript_key_order, parse_or_syntax_error, stringify


def stringify_value(value: Any, replacer: Any = None, space: Any = None) -> Any:
    """`JSON.stringify(value, replacer, space)`; undefined for what has no JSON."""
    if isinstance(replacer, PyProxy) and callable(replacer._object):
        value = _replaced(replacer, "", value)
    data = as_json(value)
    if data is NOTHING:
        return None
    if isinstance(replacer, JsArray):
        data = _with_members(data, {text_of(item) for item in replacer._l})
    indent = " " * min(int(space), 10) if isinstance(space, (int, float)) else text_of(space or "")[:10]
    return _indented(data, indent, "\n") if indent else stringify(data)


def _replaced(replacer: Any, key: str, value: Any) -> Any:
    value = into_js(invoke(replacer, key, value))
    if isinstance(value, JsObject):
        return JsObject({name: _replaced(replacer, name, item) for name, item in value._d.items()})
    if isinstance(value, JsArray):
        return JsArray([_replaced(replacer, str(index), item) for index, item in enumerate(value._l)])
    return value


def _with_members(data: Any, names: set[str]) -> Any:
    if isinstance(data, dict):
        return {key: _with_members(item, names) for key, item in data.items() if key in names}
    return [_with_members(item, names) for item in data] if isinstance(data, list) else data


def _indented(data: Any, indent: str, line: str) -> str:
    """JSON text with a line for each member and item. line: a line break and what lines begin with."""
    inner = line + indent
    if isinstance(data, dict) and data:
        members = [
            f"{json.dumps(str(key), ensure_ascii=False)}: {_indented(data[key], indent, inner)}"
            for key in javascript_key_order(data)
        ]
        return "{" + inner + ("," + inner).join(members) + line + "}"
    if isinstance(data, (list, tuple)) and data:
        return "[" + inner + ("," + inner).join(_indented(item, indent, inner) for item in data) + line + "]"
    return stringify(data)


def parse_text(text: Any, reviver: Any = None) -> Any:
    """`JSON.parse(text, reviver)`. Raises SyntaxError for what is no JSON."""
    value = from_data(parse_or_syntax_error(text_of(text).encode("utf-8", "surrogatepass")))
    return value if reviver is None else _revived(reviver, "", value)


def _revived(reviver: Any, key: str, value: Any) -> Any:
    if isinstance(value, JsObject):
        members = {name: _revived(reviver, name, item) for name, item in value._d.items()}
        value = JsObject({name: item for name, item in members.items() if item is not None})
    elif isinstance(value, JsArray):
        value = JsArray([_revived(reviver, str(index), item) for index, item in enumerate(value._l)])
    return into_js(invoke(reviver, key, value))


def clone(value: Any, _options: Any = None) -> Any:
    """`structuredClone(value)`. Raises DataCloneError for functions and what else cannot be cloned."""
    if isinstance(value, JsObject):
        return JsObject({key: clone(item) for key, item in value._d.items()})
    if isinstance(value, JsArray):
        return JsArray([clone(item) for item in value._l])
    if isinstance(value, JsMap) and not value.literal:
        return JsMap({clone(key): clone(item) for key, item in value._d.items()})
    if isinstance(value, JsSet):
        return JsSet([clone(item) for item in value._s])
    if isinstance(value, JsBuffer):
        return JsBuffer(bytearray(value._bytes), value._kind)
    if isinstance(value, JsDate):
        return JsDate(value._ms)
    if isinstance(value, JsException):
        return JsException(value.name, value.message)
    if isinstance(value, JsProxy):
        raise JsException("DataCloneError", f"{value.toString()} could not be cloned.")
    return value


def as_number(value: Any = 0) -> Any:
    """`Number(value)`, as Python sees it."""
    if value is None:
        return math.nan
    amount = to_number(_primitive(value))
    return as_pyodide(amount) if math.isfinite(amount) else amount


def _primitive(value: Any) -> Any:
    if value is jsnull:
        return None
    if isinstance(value, JsDate):
        return value._ms
    return text_of(value) if isinstance(value, JsProxy) else value


_INTEGER = re.compile(r"\s*([+-]?)(0[xX])?([0-9a-zA-Z]*)")
_FLOAT = re.compile(r"\s*([+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))", re.ASCII)


def parse_int(text: Any, base: Any = None) -> Any:
    """`parseInt(text, base)`: the digits in front."""
    sign, prefix, digits = _INTEGER.match(text_of(text)).groups()  # type: ignore[union-attr]
    radix = int(as_number(base)) if base else (16 if prefix else 10)
    if prefix and radix != 16:
        digits = "0"
    end = next((index for index, digit in enumerate(digits) if int(digit, 36) >= radix), len(digits))
    return as_pyodide(int(sign + digits[:end], radix)) if end else math.nan


def parse_float(text: Any) -> Any:
    """`parseFloat(text)`: the number in front."""
    match = _FLOAT.match(text_of(text))
    return as_number(match[1]) if match else math.nan


_COMPONENT = "-_.!~*'()"
_URI = _COMPONENT + ";/?:@&=+$,#"


def _quoting(safe: str) -> Callable[[Any], str]:
    def encode(text: Any) -> str:
        try:
            return quote(text_of(text), safe=safe)
        except UnicodeEncodeError:
            raise _malformed() from None

    return encode


def _malformed() -> JsException:
    return JsException("URIError", "URI malformed")


_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def _unquoting(keep: str) -> Callable[[Any], str]:
    def decode(text: Any) -> str:
        whole = text_of(text)
        if re.search(r"%(?![0-9a-fA-F]{2})", whole):
            raise _malformed()
        try:
            return _ESCAPES.sub(lambda run: _unescaped(run[0], keep), whole)
        except UnicodeDecodeError:
            raise _malformed() from None

    return decode


def _unescaped(escapes: str, keep: str) -> str:
    text = unquote_to_bytes(escapes).decode()
    return "".join(f"%{ord(character):02X}" if character in keep else character for character in text)


def _numbers(values: tuple[Any, ...]) -> list[float]:
    return [math.nan if value is None else to_number(_primitive(value)) for value in values]


def _math(name: str, function: Callable[..., float]) -> JsFunction:
    def call(*values: Any) -> Any:
        try:
            result = float(function(*_numbers(values)))
        except (ValueError, OverflowError, TypeError):
            return math.nan
        return as_pyodide(result) if math.isfinite(result) else result

    return JsFunction(name, call, None)


def _round(value: float) -> float:
    return math.floor(value + 0.5)


def _random() -> float:
    runtime: Any = ambient.runtime()
    return float(runtime.random.random())


def _sign(value: float) -> float:
    return (value > 0) - (value < 0)


MATH = NamespaceObject(
    "Math",
    **{
        name: _math(name, getattr(math, name))
        for name in (
            "floor", "ceil", "trunc", "sqrt", "cbrt", "exp", "log", "log2", "log10", "log1p", "expm1",
            "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "pow",
        )
    },
    abs=_math("abs", abs), round=_math("round", _round), sign=_math("sign", _sign),
    max=_math("max", lambda *values: max(values, default=-math.inf)),
    min=_math("min", lambda *values: min(values, default=math.inf)),
    hypot=_math("hypot", math.hypot),
    random=JsFunction("random", _random, 0),
    PI=math.pi, E=math.e, LN2=math.log(2), LN10=math.log(10), SQRT2=math.sqrt(2),
)  # fmt: skip


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and value == int(value)


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


LANGUAGE = {
    "JSON": NamespaceObject(
        "JSON",
        stringify=JsFunction("stringify", stringify_value, 3),
        parse=JsFunction("parse", parse_text, 2),
    ),
    "Math": MATH,
    "Number": JsFunction(
        "Number", lambda *values: as_number(*values[:1]), None,
        isInteger=JsFunction("isInteger", _is_whole),
        isSafeInteger=JsFunction("isSafeInteger", lambda value: _is_whole(value) and abs(value) < 2**53),
        isNaN=JsFunction("isNaN", lambda value: isinstance(value, float) and math.isnan(value)),
        isFinite=JsFunction("isFinite", _is_finite),
        parseFloat=JsFunction("parseFloat", parse_float), parseInt=JsFunction("parseInt", parse_int, 2),
        MAX_SAFE_INTEGER=2**53 - 1, MIN_SAFE_INTEGER=1 - 2**53, EPSILON=2.0**-52, NaN=math.nan,
        MAX_VALUE=1.7976931348623157e308, MIN_VALUE=5e-324,
        POSITIVE_INFINITY=math.inf, NEGATIVE_INFINITY=-math.inf,
    ),
    "String": JsFunction("String", lambda *values: text_of(values[0]) if values else "", None),
    "Boolean": JsFunction(
        "Boolean", lambda value=None: isinstance(value, JsProxy) or (value is not jsnull and truthy(value))
    ),
    "parseInt": JsFunction("parseInt", parse_int, 2),
    "parseFloat": JsFunction("parseFloat", parse_float),
    "isNaN": JsFunction("isNaN", lambda value=None: math.isnan(as_number(value))),
    "isFinite": JsFunction("isFinite", lambda value=None: math.isfinite(as_number(value))),
    "encodeURIComponent": JsFunction("encodeURIComponent", _quoting(_COMPONENT)),
    "encodeURI": JsFunction("encodeURI", _quoting(_URI)),
    "decodeURIComponent": JsFunction("decodeURIComponent", _unquoting("")),
    "decodeURI": JsFunction("decodeURI", _unquoting(";/?:@&=+$,#")),
    "structuredClone": JsFunction("structuredClone", clone, 2),
    "undefined": None,
    "NaN": math.nan,
    "Infinity": math.inf,
}  # fmt: skip
"""Global name -> value."""
