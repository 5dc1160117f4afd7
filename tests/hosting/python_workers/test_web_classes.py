"""The web's classes as workerd has them: recorded expressions (tools/record_workerd.mjs)."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from edgeday.clock import VirtualClock
from edgeday.hosting.python_workers.arrays import JsIterator
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.classes import CLASSES
from edgeday.hosting.python_workers.conversions import to_js
from edgeday.hosting.python_workers.forms import JsFormData
from edgeday.hosting.python_workers.proxies import JsException, into_js
from edgeday.runtime.edge import Edge
from tests.hosting.python_workers.fake_binding import text

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "recordings" / "workerd-1.20260426.1.json").read_text("utf-8"))["results"]
DIFFERENCES = {
    # workerd keeps bytes that are no UTF-8 as they are; here they are read as U+FFFD
    'js.URLSearchParams.new("%zz=%E9&+=1&=2&a==b&&").toString()': '"%25zz=%EF%BF%BD&+=1&=2&a=%3Db"',
}
js = SimpleNamespace(**CLASSES)


def obj(members: dict[str, Any]) -> Any:
    return to_js(members, dict_converter=js.Object.fromEntries)


def u8(values: list[int]) -> Any:
    return js.Uint8Array.new(to_js(values))


def form(*fields: list[Any]) -> Any:
    made = js.FormData.new()
    for field in fields:
        made.append(*field)
    return made


def changed(made: Any) -> Any:
    made.set("a", "9")
    made.delete("b")
    made.append("c", 5)
    return made


async def multipart(body: str) -> Any:
    headers = obj({"content-type": "multipart/form-data; boundary=x"})
    return await js.Response.new(body, obj({"headers": headers})).formData()


async def read_twice(response: Any) -> Any:
    await response.text()
    return await response.text()


async def read_locked(response: Any) -> Any:
    response.body.getReader()
    return await response.text()


def locked_twice(response: Any) -> None:
    response.body.getReader()
    response.body.getReader()


def used_by_reader(response: Any) -> list[Any]:
    response.body.getReader()
    return [response.bodyUsed, response.body.locked]


async def used_by_reading(response: Any) -> list[Any]:
    reader = response.body.getReader()
    await reader.read()
    reader.releaseLock()
    return [response.bodyUsed, response.body.locked]


async def canceled(response: Any) -> Any:
    await response.body.cancel()
    return await response.text()


async def after_release(response: Any) -> Any:
    reader = response.body.getReader()
    reader.releaseLock()
    return await reader.read()


def shown(value: Any) -> str:
    """A value in the words of the recording."""
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(shown, value)) + "]"
    if isinstance(value, (JsIterator, JsFormData)):
        return shown(list(value))
    if isinstance(value, JsException):
        return str(value)
    if isinstance(value, JsBuffer):
        return f"{value.constructor.name}<{','.join(map(str, value))}>"
    return text(into_js(value))


async def evaluated(expression: str) -> str:
    try:
        code = compile(expression, "<expression>", "eval", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        value = eval(code, globals())
        return shown(await value if inspect.iscoroutine(value) else value)
    except Exception as error:
        return f"throws {error}"


async def test_every_expression_is_what_workerd_makes_of_it():
    async with Edge(clock=VirtualClock("2026-03-01T12:00:00Z")).invocation():
        here = {expression: await evaluated(expression) for expression in RECORDED}
    assert here == {**RECORDED, **DIFFERENCES}
