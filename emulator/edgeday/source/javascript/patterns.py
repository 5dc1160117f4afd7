"""How JavaScript writes the paths of routes: for routers, for URLPattern, as regular expressions."""

from __future__ import annotations

import re
from typing import NamedTuple

from edgeday.source.model import parameter

_PARAMETER = re.compile(
    r"(?P<slash>/?)(?:"
    r":(?P<name>[A-Za-z_]\w*)(?:\{(?:[^{}]|\{[^{}]*\})*\}|\((?:[^()]|\([^()]*\))*\))?(?P<modifier>[?+*]{0,2})"
    r"|\{(?P<braced>[A-Za-z_]\w*)\}"
    r"|(?P<rest>\*[A-Za-z_]?\w*|\((?:[^()]|\([^()]*\))*\)[?*+]?)"
    r")",
    re.ASCII,
)
_SENT = re.compile(r"/[!-~]*")
_CLASS = re.compile(
    r"(?:\\[dDwWsS]|\\[pP]\{[^}]*\}|\[(?:\\.|[^\]\\])*\]|(?<!\\)\.)((?:[*+?]|\{\d+(?:,\d*)?\})?)\??"
)
"""A character of several, with how often it stands."""
_OPEN = r"(?<![\])/])\.[*+]\??$"
"""What lets anything follow, at the end of a path of a router that takes regular expressions."""
_FILLS = ("1", "a", "A", "-", "%20")


class Path(NamedTuple):
    """A path as a scenario sends it. begins: whether it is only the beginning of what is meant, or one of
    many that fit."""

    text: str
    begins: bool = False


def is_path(text: str) -> bool:
    """Whether a text can be sent as a path."""
    return _SENT.fullmatch(text) is not None


def of_router(pattern: str) -> Path | None:
    """The path of a router's pattern: `/users/:id`, `/files/*`, `/a/:id{[0-9]+}`, `/a/{id}`, `.*/a`."""
    begins = re.search(_OPEN, pattern) is not None
    pattern = re.sub(_OPEN, "", pattern)
    pattern = re.sub(r"/\?(?=[:{(*])", "/", pattern)
    pattern = re.sub(r"^(?:\^|\.\*|\*)+(?=/)", "", pattern).removesuffix("$").removesuffix("/?")

    def replaced(match: re.Match[str]) -> str:
        nonlocal begins
        slash = match["slash"]
        if name := match["name"] or match["braced"]:
            begins = begins or (match["modifier"] or "") not in {"", "?"}
            return slash + parameter(name)
        begins = True
        return f"{slash}1"

    text = _PARAMETER.sub(replaced, pattern)
    text = re.sub(r"\{([^{}]*/[^{}]*)\}\??", r"\1", text)
    return Path(text, begins) if is_path(text) else None


def of_url_pattern(pattern: str) -> Path | None:
    """The path of a URLPattern that is written as one text, with an origin or without."""
    match = re.match(r"(?:\w+|\*):/{2}[^/]*|:\w+:/{2}[^/]*", pattern)
    return of_router(pattern[match.end() :] if match else pattern)


def joined(prefix: str, path: str) -> str:
    """A path below another, with one slash between them."""
    rest = path.lstrip("/")
    return f"{prefix.rstrip('/')}/{rest}" if rest else prefix.rstrip("/") or "/"


def of_regex(pattern: str) -> Path | None:
    """A path that a regular expression fits, as far as it is simple; None if it fits none, or nothing is
    known of it."""
    try:
        fitting = re.compile(re.sub(r"\(\?<(?=\w)", "(?P<", pattern))
    except (re.error, RecursionError, OverflowError):
        return None
    is_whole = pattern.endswith("$") and not pattern.endswith("\\$")
    simple = _without_groups(pattern.removeprefix("^").removesuffix("$"))
    literal = re.sub(r"\\([^\w])", r"\1", pattern.removeprefix("^").removesuffix("$"))
    for fill in _FILLS:
        text = _CLASS.sub(lambda match: fill * _least(match[1]), simple)  # noqa: B023
        text = re.sub(r"(\\?.)[?*]\??", "", text)
        text = re.sub(r"(?<=[\w/-])\+\??", "", text)
        text = re.sub(r"\\(?![bBA])(.)|\\[bB]", r"\1", text)
        if not text.startswith("/") and not pattern.startswith("^"):
            text = f"/{text}"
        if text.endswith("/") and not is_whole and len(text) > 1:
            text += "1"
        if is_path(text) and not set(text) & set("|()[]^$") and fitting.search(text):
            return Path(text, text != literal or not is_whole)
    return None


def _least(repeated: str) -> int:
    """How often what is repeated has to stand at least, and once where that is never."""
    match = re.match(r"\{(\d+)", repeated or "")
    return max(1, min(int(match[1]), 64)) if match else 1


def _without_groups(pattern: str) -> str:
    """A pattern with the first alternative of each group in its place, without groups that may be missing."""
    group = re.compile(r"(?<!\\)\((?!\?[=!])(?:\?:|\?<(\w+)>)?((?:[^()\\]|\\.)*)\)(\?|\*|\+|\{[\d,]+\})?")
    for _ in range(20):
        match = group.search(pattern)
        if match is None:
            break
        inner = "" if match[3] in {"?", "*"} else match[2].split("|")[0]
        pattern = pattern[: match.start()] + inner + pattern[match.end() :]
    first = pattern.split("|")[0] if "|" in pattern and "[" not in pattern else pattern
    return first.removesuffix("$")
