"""Runs one case against an edge, step by step, in virtual time."""

from __future__ import annotations

from typing import Any

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformError
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.storage.records import Store

from . import notation, results
from .notation import Case

START_S = 1_795_392_000
"""Every case starts at 2026-11-23T00:00:00Z, the day of the recording."""

UNLIMITED = Switches(daily_kv="off", key_write_rate="off", subrequests="off")
"""The recordings know no quota, no write rate and no subrequest limit."""


async def run(case: Case, store: Store) -> list[str]:
    """What differs from the recording, by step; empty if nothing does.

    Raises NoCounterpart if a step needs a value that Python does not have.
    """
    clock = VirtualClock(START_S)
    namespaces = {"first": "namespace-1", "second": "namespace-2"}
    edge = Edge(clock=clock, store=store, switches=UNLIMITED, namespaces=namespaces)
    cursors: dict[int, str] = {}
    wrong: list[str] = []
    for number, step in enumerate(case.steps):
        clock.travel_to(START_S + step["at"])
        now_s = START_S + step["at"]
        try:
            result = await (_kv_step if case.area == "kv" else _cache_step)(
                edge, step, number, now_s, cursors
            )
            failure = None
        except PlatformError as error:
            result, failure = None, {"name": error.name, "message": error.message}
        lines = compare(step, result, failure, now_s, name_only="message-engine" in case.tag)
        wrong += [f"step {number} ({step['op']}): {line}" for line in lines]
    return wrong


def compare(
    step: dict[str, Any], result: Any, failure: dict[str, str] | None, now_s: int, *, name_only: bool
) -> list[str]:
    recorded = step.get("error")
    if recorded is None:
        if failure is not None:
            return [f"raised {failure}, recorded {step['result']!r}"]
        return results.differences(step["result"], result, START_S)
    if failure is None:
        return [f"gave {result!r}, recorded the error {recorded}"]
    if name_only:
        return [] if failure["name"] == recorded["name"] else [f"raised {failure}, recorded {recorded}"]
    wanted = {"name": recorded["name"], "message": _with_times(recorded["message"], now_s)}
    return [] if failure == wanted else [f"raised {failure}, recorded {wanted}"]


def _with_times(message: str, now_s: int) -> str:
    head, mark, rest = message.partition("{{now")
    if not mark:
        return message
    offset, _, tail = rest.partition("}}")
    return f"{head}{now_s + int(offset or 0)}{tail}"


async def _kv_step(edge: Edge, step: dict[str, Any], number: int, now_s: int, cursors: dict[int, str]) -> Any:
    args = step["args"]
    namespace = getattr(edge.env, args.get("namespace", "first"))
    options = notation.options(args.get("options"), now_s, cursors)
    op = step["op"]
    if op == "put":
        await namespace.put(notation.key(args["key"]), notation.body(args["value"]), options)
        return None
    if op == "putMany":
        for index in range(args["count"]):
            name = f"{args['keyPrefix']}{index:0{args['digits']}d}"
            await namespace.put(name, notation.body(args["value"]))
        return None
    if op == "delete":
        await namespace.delete(notation.key(args["key"]))
        return None
    if op == "list":
        page = await namespace.list(options)
        if "cursor" in page:
            cursors[number] = page["cursor"]
        return results.listed(page, START_S)
    return await _kv_get(namespace, args, options, with_metadata=op == "getWithMetadata")


async def _kv_get(namespace: Any, args: dict[str, Any], options: Any, *, with_metadata: bool) -> Any:
    method = namespace.getWithMetadata if with_metadata else namespace.get
    type_argument = args.get("type")
    if isinstance(type_argument, dict):  # undefined: the argument left out
        type_argument = (
            None if type_argument.get("jsSpecial") == "undefined" else notation.special(type_argument)
        )
    second = options if "options" in args else type_argument
    if "keys" in args:
        return results.bulk(await method(notation.key(args["keys"]), second), with_metadata=with_metadata)
    kind = second.get("type", "text") if isinstance(second, dict) else second or "text"
    answer = await method(notation.key(args["key"]), second)
    if with_metadata:
        return {**answer, "value": await results.kv_value(answer["value"], kind)}
    return await results.kv_value(answer, kind)


async def _cache_step(
    edge: Edge, step: dict[str, Any], _number: int, now_s: int, _cursors: dict[int, str]
) -> Any:
    args = step["args"]
    cache = edge.caches.default
    if "cacheName" in args:
        cache = await edge.caches.open(notation.text(args["cacheName"]))
    request = notation.request(args["request"], now_s)
    if step["op"] == "put":
        await cache.put(request, await notation.response(args["response"], now_s))
        return None
    options = notation.options(args.get("options"), now_s, {})
    if step["op"] == "delete":
        return await cache.delete(request, options)
    response = await cache.match(request, options)
    return None if response is None else await results.matched(response)
