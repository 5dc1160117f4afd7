"""`edgeday serve`: a local Cloudflare that wrangler, the SDK and a browser talk to."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from edgeday.commands.console import refuse, refuse_bad
from edgeday.errors import BadInput, Problem

if TYPE_CHECKING:
    from edgeday.server.served import Settings
    from edgeday.wrangler import Binding

_SCENARIOS = Path("scenarios")


@click.command("serve", epilog="Exit codes: 0 stopped when told to, 2 bad input, or port or state file taken")
@click.option(
    "--state", type=click.Path(path_type=Path), metavar="FILE", help="Keep everything in FILE (SQLite)."
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE",
    help="A wrangler.toml, .json or .jsonc: its worker, KV bindings and vars; default: the one here.",
)  # fmt: skip
@click.option("--env", "environment", metavar="NAME", help="Environment of that configuration.")
@click.option(
    "--var", "variables", multiple=True, metavar="NAME=VALUE",
    help="A variable of the worker's env; beats every other of its name; repeatable.",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0: any free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Anything but loopback needs --token.")
@click.option(
    "--allow-host", multiple=True, metavar="NAME", help="Answer under this host name too; repeatable."
)
@click.option("--account", type=click.Choice(["free", "paid"]), default="free", show_default=True)
@click.option(
    "--worker", "entry", metavar="ENTRY",
    help="A file, package.module:Class or wrangler configuration; default: as --scenario or --config says.",
)  # fmt: skip
@click.option("--no-worker", "without_worker", is_flag=True, help="Serve KV alone, without a worker.")
@click.option("--variant", metavar="NAME", help="Variant of the worker; header edgeday-variant beats it.")
@click.option(
    "--scenario", type=click.Path(path_type=Path), metavar="FILE",
    help="Its worker, and how the origins of a worker profile answer.",
)  # fmt: skip
@click.option(
    "--token", envvar="EDGEDAY_TOKEN", metavar="T", help="The only token that is accepted; default: any."
)
@click.option(
    "--scenarios", type=click.Path(path_type=Path), metavar="DIR",
    help="What the dashboard can replay; default: scenarios here, if there is such a directory.",
)  # fmt: skip
@click.option("--api-rate-limit", is_flag=True, help="Refuse REST requests past 1,200 in five minutes.")
def command(
    state: Path | None,
    config: Path | None,
    environment: str | None,
    variables: tuple[str, ...],
    port: int,
    host: str,
    allow_host: tuple[str, ...],
    account: Literal["free", "paid"],
    entry: str | None,
    without_worker: bool,
    variant: str | None,
    scenario: Path | None,
    token: str | None,
    scenarios: Path | None,
    api_rate_limit: bool,
) -> None:
    """Serve a local Cloudflare: the KV REST API v4 and a worker, on one account with its daily quotas, and a
    dashboard at /__edgeday/.

    wrangler and the official SDKs work against it unchanged. Ctrl-C finishes open requests and closes the
    state file.

    Example: edgeday serve --worker shop:Shop --state day.sqlite
    """
    from edgeday.commands.served_worker import Source, read_source
    from edgeday.server.dashboard import dashboard
    from edgeday.server.security import is_loopback
    from edgeday.server.serving import serve_until_told

    problems: list[Problem] = []
    if token is not None and (not token.isascii() or not token.isprintable() or " " in token or not token):
        problems.append(Problem("--token", "must be printable ASCII without blanks"))
    if token is None and not is_loopback(host):
        what = f"{host} can be reached from other machines: that needs a token"
        problems.append(Problem("--host", what, "add --token T, or set EDGEDAY_TOKEN"))
    if scenarios is None:
        scenarios = _SCENARIOS if _SCENARIOS.is_dir() else None
    elif not scenarios.is_dir():
        problems.append(Problem("--scenarios", f"{scenarios} is no directory"))
    if without_worker and entry is not None:
        problems.append(Problem("--no-worker", "is contradicted by --worker"))
    source = Source(
        entry,
        config,
        environment,
        scenario,
        variant,
        _variables(variables, problems),
        without_worker,
        account,
        state,
    )
    try:
        reading = read_source(source)
    except BadInput as bad:
        problems.extend(bad.problems)
    if problems:
        refuse(problems, "nothing is served")
    settings = reading.settings
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(message)s")
    for warning in reading.warnings:
        click.echo(f"warning: {warning}", err=True)
    try:
        asyncio.run(
            serve_until_told(
                settings,
                _announcer(settings, host, token),
                host=host,
                port=port,
                token=token,
                names=allow_host,
                throttled=api_rate_limit,
                pages=dashboard(scenarios),
            )
        )
    except BadInput as bad:
        refuse_bad(bad, "nothing is served")
    click.echo("stopped; the state is closed" if state else "stopped")


def _variables(given: tuple[str, ...], problems: list[Problem]) -> dict[str, str]:
    """Variables as NAME=VALUE, by name."""
    problems.extend(Problem("--var", f'"{one}" is not NAME=VALUE') for one in given if one.find("=") < 1)
    pairs = (one.partition("=") for one in given)
    return {name: value for name, _, value in pairs}


def _ids(binding: Binding) -> list[str]:
    """A binding with its namespace, and with that of its previews."""
    lines = [f"{binding.name}: {binding.namespace_id}"]
    if binding.preview_id is not None:
        lines.append(f"{' ' * len(binding.name)}  preview: {binding.preview_id}")
    return lines


def _announcer(settings: Settings, host: str, token: str | None) -> Callable[[int], None]:
    """Prints what is served, and how to point the clients at it, once the port is known."""

    def announce(port: int) -> None:
        name = "127.0.0.1" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host
        origin = f"http://{name}:{port}"
        kept = f"{settings.state}" if settings.state else "memory only; --state FILE keeps it"
        secret = "any token" if token is None else "the token that was set"
        lines = [
            f"edgeday serves a {settings.account} account at {origin}",
            f"  dashboard {origin}/__edgeday/",
            f"  REST API  {origin}/client/v4 ({secret})",
            f"  worker    {settings.says}",
            *(f"  KV        {line}" for binding in settings.bindings for line in _ids(binding)),
            f"  state     {kept}",
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
        click.echo("\n".join(lines))
        sys.stdout.flush()

    return announce
