"""Files of variables, as .dev.vars and .env are: one NAME=value a line.

As the `dotenv` package reads them, which wrangler uses: values may stand in ', " or `, go over several lines
in those, and have a comment behind them; `export` before a name says nothing. Only .env files refer to other
values of theirs ($NAME, ${NAME}, ${NAME:-default}, ${NAME:+other}).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"\s*(?:export\s+)?([\w.-]+)(?:\s*=|:\s)", re.ASCII)
_QUOTED = re.compile(r"""\s*(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`)""")
_BARE = re.compile(r"[^#\n]*")
_END = re.compile(r"\s*(?:#[^\n]*)?$", re.MULTILINE)
_REFERENCE = re.compile(r"(?<!\\)(?:\$\{([^{}]+)\}|\$([A-Za-z_]\w*))", re.ASCII)
_MOST_STEPS = 100
_OPERATOR = re.compile(r":\+|\+|:-|-")


def parse_dotenv(text: str) -> dict[str, str]:
    """The variables of a file; lines that say none are skipped, the last of two with one name counts."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    variables: dict[str, str] = {}
    at = 0
    while at < len(text):
        name = _NAME.match(text, at)
        value = None if name is None else _value(text, name.end())
        if name is None or value is None:
            at = text.find("\n", at) + 1 or len(text)
        else:
            variables[name[1]], at = value
    return variables


def _value(text: str, start: int) -> tuple[str, int] | None:
    """The value from a place on and the place behind its line, None if it does not end with the line."""
    for form in (_QUOTED, _BARE):
        value = form.match(text, start)
        end = None if value is None else _END.match(text, value.end())
        if value is not None and end is not None:
            return _unquoted(value[0].strip()), end.end()
    return None


def _unquoted(value: str) -> str:
    quote = value[:1]
    if len(value) > 1 and quote in "'\"`" and value[-1] == quote:
        value = value[1:-1]
    return value.replace("\\n", "\n").replace("\\r", "\r") if quote == '"' else value


def expanded(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables with each reference to an earlier one, or to none, replaced."""
    done: dict[str, str] = {}
    for name, value in variables.items():
        done[name] = _expanded(value, done).replace("\\$", "$")
    return done


def _expanded(value: str, known: Mapping[str, str]) -> str:
    """A value without references. One that leads back to itself is replaced by its default, and one that
    grows by itself is left after a while."""
    earlier: set[str] = set()
    while len(earlier) < _MOST_STEPS and (reference := _REFERENCE.search(value)) is not None:
        earlier.add(value)
        name, operator, rest = _parts(reference[1] or reference[2])
        if operator.endswith("+"):
            new = rest if known.get(name) else ""
        else:
            new = known.get(name) or rest
            new = rest if new in earlier else new
        value = value[: reference.start()] + new + value[reference.end() :]
        if value in earlier:
            break
    return value


def _parts(expression: str) -> tuple[str, str, str]:
    operator = _OPERATOR.search(expression)
    if operator is None:
        return expression, "", ""
    return expression[: operator.start()], operator[0], expression[operator.end() :]
