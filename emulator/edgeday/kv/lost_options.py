"""What a KV call loses without an error: options behind options, and names that are no options.

Cloudflare ignores them in silence, and a key that should have expired stays for ever. Here each is a
diagnostic too, with the line of the call; it looks at names only, never at values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from edgeday.errors import nearest
from edgeday.invocation import current_invocation
from edgeday.kv.options import REQUIRED, SHAPES

DIAGNOSTIC = "kv-option-lost"

_WITHOUT = {
    "type": "the value is text",
    "cacheTtl": "the data centre keeps what it read for the default time",
    "prefix": "keys of every prefix are listed",
    "limit": "a page has up to 1,000 keys",
    "cursor": "it is the first page again",
}
"""What a call does without an option."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "further")


def report_losses(method: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> None:
    """Diagnose what a call loses; outside an invocation there is nobody to report it to."""
    invocation = current_invocation()
    if invocation is not None:
        for text in lost_options(method, arguments, keywords):
            invocation.diagnose(DIAGNOSTIC, text)


def lost_options(method: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> tuple[str, ...]:
    """What a call loses in silence, a sentence for each cause; () if nothing.

    arguments, keywords: as the worker wrote them, objects as mappings. A call that raises loses nothing.
    """
    arity, known = SHAPES[method]
    given = [*arguments, keywords] if keywords else list(arguments)
    if len(given) < len(REQUIRED.get(method, ())):
        return ()
    return _losses(
        method,
        len(arguments),
        _named(arguments[arity - 1]) if keywords and len(arguments) >= arity else "",
        tuple(map(str, keywords)),
        tuple(name for item in arguments[arity:] for name in map(str, names_in(item))),
        tuple(map(str, names_in(given[arity - 1]))) if known and len(given) >= arity else (),
    )


def unreadable_options(method: str, names: tuple[str, ...], pyodide: str) -> str:
    """What a call loses whose options are a Python dict or a Map that the runtime sees no members of.

    names: of the options in it. pyodide: the version that the worker runs on.
    """
    return (
        f"{method}() was given {', '.join(names)} in a dict or Map, of which Pyodide {pyodide} shows "
        "JavaScript no members (to_js with dict_converter=Object.fromEntries makes an object)"
    ) + _consequence(method, names, ())


def names_in(item: Any) -> Collection[str]:
    """The names of the members of an object; () for what is none."""
    if type(item) is str or item is None:
        return ()
    return item.keys() if type(item) is dict or isinstance(item, Mapping) else ()


def _named(item: Any) -> str:
    """The last argument that a method takes, in the words of a person."""
    return "None" if item is None else "a type" if isinstance(item, str) else "options"


@lru_cache(maxsize=256)
def _losses(
    method: str,
    count: int,
    last: str,
    keywords: tuple[str, ...],
    surplus: tuple[str, ...],
    in_force: tuple[str, ...],
) -> tuple[str, ...]:
    """The sentences of `lost_options`.

    count: positional arguments. last: the last that the method takes, where keywords come behind it.
    surplus: names in arguments behind that. in_force: names in the options that are looked at.
    """
    arity, known = SHAPES[method]
    texts: list[str] = []
    if keywords and not count and method != "list":
        texts.append(
            f"{method}() was given its key by keyword, as an object: "
            'Cloudflare takes the key "[object Object]"'
        )
    elif keywords and count >= arity:
        names, verb = ", ".join(keywords), "is" if len(keywords) == 1 else "are"
        noun = "keyword" if len(keywords) == 1 else "keywords"
        texts.append(
            f"{method}() was given {last if known else 'a key'} and keywords: the {noun} {names} {verb} a "
            f"{_ORDINALS[min(count, 9)]} argument, which Cloudflare ignores"
            + _consequence(method, keywords, in_force)
        )
    if count > arity:
        names = f" ({', '.join(surplus)})" if surplus else ""
        takes = "1 argument" if arity == 1 else f"{arity} arguments"
        texts.append(
            f"{method}() takes {takes}: Cloudflare ignores what comes behind{names}"
            + _consequence(method, surplus, in_force)
        )
    if unknown := tuple(name for name in in_force if name not in known):
        texts.append(_of_unknown(method, unknown, in_force))
    return tuple(texts)


def _of_unknown(method: str, unknown: tuple[str, ...], in_force: tuple[str, ...]) -> str:
    """The sentence for names that are no options; the options that were likely meant stand in it."""
    _, known = SHAPES[method]
    meant = dict.fromkeys(near for name in unknown if (near := _likely_meant(name, known)))
    hint = f" ({', '.join(meant)} {'is' if len(meant) == 1 else 'are'})" if meant else ""
    what = "which is no option" if len(unknown) == 1 else "which are no options"
    of = f"{method}()" if any(name in options for name in unknown for _, options in SHAPES.values()) else "KV"
    return f"{method}() ignores {', '.join(unknown)}, {what} of {of}{hint}" + _consequence(
        method, (*unknown, *meant), in_force
    )


def _likely_meant(name: str, known: frozenset[str]) -> str:
    """The option that a name was likely meant for, or ""."""
    if same := next((option for option in known if option.lower() == name.lower()), ""):
        return same
    if (near := nearest(name, sorted(known))) or "expirationTtl" not in known:
        return near
    return "expirationTtl" if _sets_an_expiry(name) else ""


def _sets_an_expiry(name: str) -> bool:
    """Whether a name, an option or not, looks as if it set when a key expires."""
    name = name.lower()
    return "expir" in name or "ttl" in name or name in {"ex", "exp", "px"}


def _consequence(method: str, lost: tuple[str, ...], in_force: tuple[str, ...]) -> str:
    """What comes of the loss, behind a colon; "" where another option stands in, or nothing is known."""
    _, known = SHAPES[method]
    effective = [name for name in in_force if name in known]
    if method == "put":
        parts = []
        if any(map(_sets_an_expiry, lost)) and not any(map(_sets_an_expiry, effective)):
            parts.append("the key never expires")
        if "metadata" in lost and "metadata" not in effective:
            parts.append("the key has no metadata")
    else:
        parts = [text for name, text in _WITHOUT.items() if name in lost and name in known - {*effective}]
    return f": {' and '.join(parts)}" if parts else ""
