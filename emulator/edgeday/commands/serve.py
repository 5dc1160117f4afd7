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
    from edgeday.scenario.model import Scenario
    from edgeday.server.served import Settings
    from edgeday.wrangler import WranglerConfig

_SCENARIOS = Path("scenarios")


@click.command("serve", epilog="Exit codes: 0 stopped when told to, 2 bad input, or port or state file taken")
@click.option(
    "--state", type=click.Path(path_type=Path), metavar="FILE", help="Keep everything in FILE (SQLite)."
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE",
    help="Take KV bindings and vars from a wrangler.toml, .json or .jsonc.",
)  # fmt: skip
@click.option("--env", "environment", metavar="NAME", help="Environment of that configuration.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0: any free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Anything but loopback needs --token.")
@click.option(
    "--allow-host", multiple=True, metavar="NAME", help="Answer under this host name too; repeatable."
)
@click.option("--account", type=click.Choice(["free", "paid"]), default="free", show_default=True)
@click.option(
    "--worker", "entry", metavar="ENTRY", help="As package.module:Class; needed unless --scenario has one."
)
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
    port: int,
    host: str,
    allow_host: tuple[str, ...],
    account: Literal["free", "paid"],
    entry: str | None,
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
    from edgeday.server.dashboard import dashboard
    from edgeday.server.security import is_loopback
    from edgeday.server.serving import serve_until_told

    problems: list[Problem] = []
    if environment is not None and config is None:
        problems.append(Problem("--env", "names an environment of no configuration", "add --config FILE"))
    if token is not None and (not token.isascii() or not token.isprintable() or " " in token or not token):
        problems.append(Problem("--token", "must be printable ASCII without blanks"))
    if token is None and not is_loopback(host):
        what = f"{host} can be reached from other machines: that needs a token"
        problems.append(Problem("--host", what, "add --token T, or set EDGEDAY_TOKEN"))
    if scenarios is None:
        scenarios = _SCENARIOS if _SCENARIOS.is_dir() else None
    elif not scenarios.is_dir():
        problems.append(Problem("--scenarios", f"{scenarios} is no directory"))
    settings, configured = _settings(problems, state, config, environment, account, entry, variant, scenario)
    if problems or settings is None:
        refuse(problems, "nothing is served")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(message)s")
    for warning in configured.warnings if configured else ():
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


def _settings(
    problems: list[Problem],
    state: Path | None,
    config: Path | None,
    environment: str | None,
    account: Literal["free", "paid"],
    entry: str | None,
    variant: str | None,
    scenario: Path | None,
) -> tuple[Settings | None, WranglerConfig | None]:
    """Everything that can be wrong with the options, gathered in `problems`, else the settings."""
    from edgeday.scenario.profile import profile_of
    from edgeday.server.served import DEFAULT_ACCOUNT_ID, Settings
    from edgeday.wrangler import Binding, load_wrangler_config

    described = None if scenario is None else _scenario(problems, scenario)
    if entry is None and described is not None:
        entry = described.entry
    worker = None if entry is None else _worker(problems, entry, variant)
    if entry is None and scenario is None:
        hint = "add --worker package.module:Class, or --scenario FILE"
        problems.append(Problem("--worker", "says which worker to serve, and is missing", hint))
    configured: WranglerConfig | None = None
    try:
        if config is not None:
            configured = load_wrangler_config(config, environment)
    except BadInput as bad:
        problems.extend(bad.problems)
    if worker is None or entry is None:
        return None, None
    profile = profile_of(entry) if described is None else described.profile
    named = None if described is None else described.namespaces
    namespaces = profile.served_namespaces if named is None else named
    bindings = tuple(Binding(name, id, name) for name, id in namespaces.items())
    if variant is None and described is not None:
        variant = described.worker.variant
    origins = None if profile.served is None else profile.served(described)
    settings = Settings(
        worker,
        account=account,
        account_id=(configured.account_id if configured else None) or DEFAULT_ACCOUNT_ID,
        state=state,
        bindings=configured.bindings if configured else bindings,
        vars={**(described.worker.vars if described else {}), **(configured.vars if configured else {})},
        variant=variant,
        profile=profile,
        outbound={} if origins is None else origins.outbound,
        says=f"{entry}{f', variant {variant}' if variant else ''}{f'; {origins.says}' if origins else ''}",
    )
    return settings, configured


def _scenario(problems: list[Problem], path: Path) -> Scenario | None:
    from edgeday.scenario.loader import load_one

    try:
        return load_one(path).scenario
    except BadInput as bad:
        problems.extend(bad.problems)
        return None


def _worker(problems: list[Problem], entry: str, variant: str | None) -> type | None:
    from edgeday.runtime.entry import BadEntry, check_variant, import_worker

    worker: type | None = None
    try:
        worker = import_worker(entry)
        if variant is not None:
            check_variant(worker, variant)
    except BadEntry as bad:
        problems.append(Problem("--worker" if worker is None else "--variant", str(bad), bad.hint))
    return worker


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
            *(f"  KV        {binding.name}: {binding.namespace_id}" for binding in settings.bindings),
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
