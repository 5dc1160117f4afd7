"""Work that an invocation has left when it ends: what of it is lost, and what was to be given up.

An operation that is under way and that nothing waits for is lost work: what follows it never happens. One
that only reads is not where the request raced promises, for the loser of a race is given up on purpose. A
timer that has not rung is lost work if it would have done more than to settle a promise, to abort, to log or
to set a variable; of one that settles a promise by itself (`setTimeout(resolve, 100)`, `scheduler.wait`) what
follows is lost, unless the request raced promises: then it is taken for the time limit of a race.
"""

from __future__ import annotations

import re

from edgeday.hosting.javascript.frames import Message

_CHANGES = frozenset({"kv.put", "kv.delete", "cache.put", "cache.delete"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NATIVE = re.compile(r"\{\s*\[native code\]\s*\}\s*$")
_TEXTS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`""", re.DOTALL
)
"""Comments and literals of text; expressions in a template count as text."""
_CALL = re.compile(
    r"(?P<new>\bnew\s+)?(?P<owner>(?:[\w$#\]]+(?:\?\.|\.)\s*)*)(?P<name>[\w$#]+)\s*(?:\?\.)?\("
)
_WORDS = frozenset(
    {
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "function",
        "async",
        "await",
        "return",
        "typeof",
        "void",
        "super",
    }
)
_SETTLES = re.compile(
    r"_?(?:res|rej|resolve|reject|settle|done|fail|failed|abort|cancel|stop|timeout|ontimeout|expire)\w*"
    r"|clear(?:Timeout|Interval)|\w|_+",
    re.IGNORECASE,
)
"""Names of functions that settle a promise or stop something; minified code has names of one letter."""
_METHODS = frozenset(
    {"abort", "cancel", "close", "destroy", "end", "error", "reject", "resolve", "terminate"}
)
_HARMLESS = frozenset(
    {"console", "Math", "JSON", "Date", "Object", "String", "Number", "Error", "performance"}
)


def is_lost(left: Message, *, raced: bool) -> bool:
    """Whether work that was left is lost. left: as the shim describes it (endings.js). raced: whether the
    invocation has raced promises."""
    if left["k"] == "timer":
        return _is_lost_timer(left["code"], raced=raced)
    return not raced or _changes_something(left)


def _changes_something(left: Message) -> bool:
    kind: str = left["k"]
    return kind in _CHANGES or (kind == "fetch" and left["method"] not in _SAFE_METHODS)


def _is_lost_timer(code: str, *, raced: bool) -> bool:
    if _NATIVE.search(code):
        return not raced
    text = _TEXTS.sub('""', code)
    return any(map(_does_work, _CALL.finditer(_without_head(text))))


def _without_head(text: str) -> str:
    """A function's text from behind its parameters on."""
    head = re.match(r"(?:async\s*)?(?:function\s*\*?\s*)?[\w$#]*\s*\([^()]*\)\s*(?:=>)?", text)
    return text if head is None else text[head.end() :]


def _does_work(call: re.Match[str]) -> bool:
    owner, name = call["owner"], call["name"]
    if call["new"] or (name in _WORDS and not owner):
        return False
    if owner:
        return name not in _METHODS and owner.partition(".")[0] not in _HARMLESS
    return _SETTLES.fullmatch(name) is None and name not in _HARMLESS
