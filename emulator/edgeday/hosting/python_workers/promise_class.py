"""The class Promise: `new`, and what gathers several promises."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

from edgeday.hosting.python_workers.arrays import JsArray, text_of
from edgeday.hosting.python_workers.callbacks import invoke, settled
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.conversions import elements
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import JsException, into_js


def _error(reason: Any) -> Exception:
    return reason if isinstance(reason, Exception) else JsException("Error", text_of(into_js(reason)))


def _gathered(make: Any) -> JsFunction:
    """A function of an iterable of promises; they are read when it is called."""

    def call(items: Any) -> JsPromise:
        return JsPromise(make([settled(item) for item in list(elements(items))]))

    return JsFunction(make.__name__.removeprefix("_"), call)


async def _all(works: list[Any]) -> JsArray:
    return JsArray([into_js(value) for value in await asyncio.gather(*works)])


async def _all_settled(works: list[Any]) -> JsArray:
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    return JsArray(
        [
            JsObject({"status": "rejected", "reason": into_js(outcome)})
            if isinstance(outcome, BaseException)
            else JsObject({"status": "fulfilled", "value": into_js(outcome)})
            for outcome in outcomes
        ]
    )


def _look_at(done: asyncio.Future[Any]) -> None:
    if not done.cancelled():
        done.exception()


def _watched(work: Any) -> asyncio.Future[Any]:
    """A task of which nobody may ever ask how it ended."""
    task: asyncio.Future[Any] = asyncio.ensure_future(work)
    task.add_done_callback(_look_at)
    return task


async def _race(works: list[Any]) -> Any:
    tasks = [_watched(work) for work in works]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return next(task for task in tasks if task in done).result()


async def _any(works: list[Any]) -> Any:
    pending = {_watched(work) for work in works}
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.exception() is None:
                return task.result()
    raise JsException("AggregateError", "All promises were rejected")


def _settle_later() -> tuple[JsPromise, JsFunction, JsFunction]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def outcome() -> Any:
        return await settled(await future)

    def resolve(value: Any = None) -> None:
        if not future.done():
            future.set_result(value)

    def reject(reason: Any = None) -> None:
        if not future.done():
            future.set_exception(_error(reason))

    return JsPromise(outcome()), JsFunction("resolve", resolve), JsFunction("reject", reject)


def _new(executor: Any) -> JsPromise:
    made, resolve, reject = _settle_later()
    try:
        invoke(executor, resolve, reject)
    except JsException as error:
        reject(error)
    except Exception as error:
        reject(JsException("PythonError", "".join(traceback.format_exception(error))))
    return made


def _with_resolvers() -> JsObject:
    made, resolve, reject = _settle_later()
    return JsObject({"promise": into_js(made), "resolve": resolve, "reject": reject})


async def _rejected(reason: Any) -> None:
    raise _error(reason)


PROMISE = JsFunction(
    "Promise",
    new=_new,
    all=_gathered(_all),
    allSettled=_gathered(_all_settled),
    race=_gathered(_race),
    any=_gathered(_any),
    resolve=JsFunction("resolve", lambda value=None: JsPromise(settled(value))),
    reject=JsFunction("reject", lambda reason=None: JsPromise(_rejected(reason))),
    withResolvers=JsFunction("withResolvers", _with_resolvers, 0),
)
"""The class, as `js` has it."""
