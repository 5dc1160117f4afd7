"""What `edgeday serve` says at its start: what is served, and how to point clients at it. Pure."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote_plus

from edgeday.commands.served_worker import Reading
from edgeday.hosting.stubs import Stub, paths_of
from edgeday.wrangler import Binding

SCHEDULED_PATH: Final = "/cdn-cgi/handler/scheduled"
_WIDTH: Final = 80
_LABEL: Final = 12
_VALUE_CHARS: Final = 48


def announcement(reading: Reading, host: str, port: int, token: str | None) -> str:
    """The text. token: that clients have to send; it is not shown."""
    settings = reading.settings
    name = "127.0.0.1" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host
    origin = f"http://{name}:{port}"
    kept = f"{settings.state}" if settings.state else "memory only; --state FILE keeps it"
    secret = "any token" if token is None else "the token that was set"
    lines = [
        f"edgeday serves a {settings.account} account at {origin}",
        f"  dashboard {origin}/__edgeday/",
        f"  REST API  {origin}/client/v4 ({secret})",
        *_wrapped("worker", settings.says),
        *(f"  KV        {line}" for binding in settings.bindings for line in _ids(binding)),
        *(f"  var       {line}" for line in _variables(reading)),
        *(line for one in settings.stubs.items() for line in _wrapped("stub", _stub(*one))),
        *_wrapped("state", kept),
        *_crons(settings.crons, origin, token),
        "",
        "for wrangler (version 4: add --remote to kv commands)",
        f"  export CLOUDFLARE_API_BASE_URL={origin}/client/v4",
        "for the Cloudflare SDK",
        f"  export CLOUDFLARE_BASE_URL={origin}/client/v4",
        "for both",
        f"  export CLOUDFLARE_API_TOKEN={'local' if token is None else '...'}",
        f"  export CLOUDFLARE_ACCOUNT_ID={settings.account_id}",
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(lines)


def _wrapped(label: str, text: str) -> list[str]:
    """A row whose text goes on below itself."""
    first, rest = f"  {label:<{_LABEL - 2}}", " " * _LABEL
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _stub(name: str, stub: Stub) -> str:
    """A stub with the paths that it has."""
    return f"{name}: {', '.join(paths_of(stub._members))}"


def _ids(binding: Binding) -> list[str]:
    """A binding with its namespace, and with that of its previews."""
    lines = [f"{binding.name}: {binding.namespace_id}"]
    if binding.preview_id is not None:
        lines.append(f"{' ' * len(binding.name)}  preview: {binding.preview_id}")
    return lines


def _variables(reading: Reading) -> Iterator[str]:
    """The variables of the worker; values of .dev.vars and .env are not shown."""
    for name, value in reading.settings.all_vars.items():
        text = "(hidden)" if name in reading.secrets else json.dumps(value, ensure_ascii=False, default=str)
        yield f"{name} = {text if len(text) <= _VALUE_CHARS else f'{text[:_VALUE_CHARS]}…'}"


def _crons(crons: tuple[str, ...], origin: str, token: str | None) -> Iterator[str]:
    """How to run each cron: none runs by itself."""
    if crons:
        yield from ("", "crons run when you say so, here or on the dashboard")
    header = "" if token is None else ' -H "edgeday-token: $EDGEDAY_TOKEN"'
    for cron in crons:
        yield f"  {cron}"
        yield f"    curl '{origin}{SCHEDULED_PATH}?cron={quote_plus(cron, safe='*/,')}'{header}"
