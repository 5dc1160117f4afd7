"""What JavaScript does that goes wrong without an error that anybody sees, with the line that does it."""

from __future__ import annotations

from collections.abc import Callable

from edgeday.events import CALL_FAILED, NOT_EMULATED, failed_call
from edgeday.hosting.javascript.frames import Message
from edgeday.hosting.javascript.left_work import is_lost
from edgeday.hosting.javascript.stacks import Stacks
from edgeday.invocation import Invocation

_CUT_OFF = "task-cut-off"
_WORK = (
    "nothing waits for the {} that is asked for here: it was under way at the end of the request, and what "
    "follows it never happens; hand it to ctx.waitUntil()"
)
_SERVICES = {"kv": "KV"}
_TIMER = (
    "a timer that is waited for here had not run at the end of the request, and never will; "
    "hand a promise of what follows it to ctx.waitUntil()"
)
_LATE = (
    "what is asked for here comes after the end of the request, and is never done; "
    "hand the promise that leads to it to ctx.waitUntil()"
)


def _not_emulated(invocation: Invocation, stacks: Stacks, told: Message) -> None:
    invocation.diagnose(NOT_EMULATED, told["text"], stacks.site(told["stack"]).place)


def _uncaught(invocation: Invocation, stacks: Stacks, told: Message) -> None:
    """Work that nothing waits for, or `waitUntil` work, has thrown."""
    said = f"{told['name']}: {told['message']}" if told["message"] else told["name"]
    id, what = ("task-raised", "a promise that nothing handles was rejected:")
    if told.get("waited"):
        id, what = ("wait-until-raised", "waitUntil work raised")
    elif told.get("thrown"):
        what = "a function that nothing waits for raised"
    place = stacks.site(told["stack"]).place
    invocation.diagnose(id, f"{what} {said}, which changes no response", place)


def _left(invocation: Invocation, stacks: Stacks, told: Message) -> None:
    """What is under way in an invocation that has come to its end."""
    seen: set[tuple[str, str]] = set()
    for left in told["left"]:
        if not is_lost(left, raced=told["raced"]):
            continue
        invocation.cut_off += 1
        if left["k"] == "timer":
            text, place = _TIMER, stacks.waits(left["stack"]).place
        else:
            text, place = _WORK.format(_named(left["k"])), stacks.site(left["stack"]).place
        if (text, place) not in seen:
            seen.add((text, place))
            invocation.diagnose(_CUT_OFF, text, place)


def _named(kind: str) -> str:
    """An operation for a person: "KV put", "cache match", "fetch"."""
    service, _, method = kind.partition(".")
    return f"{_SERVICES.get(service, service)} {method.replace('bulk', 'get')}".strip()


def _late(invocation: Invocation, stacks: Stacks, told: Message) -> None:
    invocation.cut_off += 1
    invocation.diagnose(_CUT_OFF, _LATE, stacks.site(told["stack"]).place)


def _refused(invocation: Invocation, stacks: Stacks, told: Message) -> None:
    """The runtime refuses a call to KV or a cache for its arguments."""
    text = failed_call(_named(told["k"]), told["key"], told["text"])
    invocation.diagnose(CALL_FAILED, text, stacks.nearest(told["stack"]).place)


DIAGNOSES: dict[str, Callable[[Invocation, Stacks, Message], None]] = {
    "not-emulated": _not_emulated,
    "uncaught": _uncaught,
    "end": _left,
    "late": _late,
    "refused": _refused,
}
"""By the kind of message that tells of it."""
