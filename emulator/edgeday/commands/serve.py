"""`edgeday serve`: a local Cloudflare that wrangler, the SDK and a browser talk to."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click

from edgeday.commands.console import refuse, refuse_bad
from edgeday.commands.worker_options import workerd_option
from edgeday.errors import BadInput, Problem

_SCENARIOS = Path("scenarios")


_EXIT_CODES = (
    "Exit codes: 0 stopped when told to, 2 bad input, or port or state file taken, 3 ended together with a "
    "worker that did not let it stop"
)


@click.command("serve", epilog=_EXIT_CODES)
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
@workerd_option
@click.option("--no-worker", "without_worker", is_flag=True, help="Serve KV alone, without a worker.")
@click.option("--variant", metavar="NAME", help="Variant of the worker; header edgeday-variant beats it.")
@click.option(
    "--scenario", type=click.Path(path_type=Path), metavar="FILE",
    help="Its worker with bindings, variables and crons, its platform and origins.",
)  # fmt: skip
@click.option(
    "--token", envvar="EDGEDAY_TOKEN", metavar="T", help="The only token that is accepted; default: any."
)
@click.option(
    "--scenarios", type=click.Path(path_type=Path), metavar="DIR",
    help="What the dashboard can replay; default: scenarios here, if there is such a directory.",
)  # fmt: skip
@click.option("--no-reload", is_flag=True, help="Do not load the worker anew when its files change.")
@click.option("--production-errors", is_flag=True, help="Answer an uncaught exception without its traceback.")
@click.option("--quiet", "-q", is_flag=True, help="Write no line for a request that went well.")
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
    no_reload: bool,
    production_errors: bool,
    quiet: bool,
    api_rate_limit: bool,
) -> None:
    """Serve a local Cloudflare: the KV REST API v4 and a worker, on one account with its daily quotas, and a
    dashboard at /__edgeday/.

    wrangler and the official SDKs work against it unchanged. Ctrl-C finishes open requests and closes the
    state file.

    Example: edgeday serve --worker src/entry.py --state day.sqlite
    """
    from edgeday.commands.serve_announcement import announcement
    from edgeday.commands.served_worker import ServeOptions, read_served
    from edgeday.server.dashboard import dashboard
    from edgeday.server.reloading import Reloader
    from edgeday.server.request_log import RequestLog
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
    options = ServeOptions(
        entry,
        config,
        environment,
        scenario,
        variant,
        _variables(variables, problems),
        without_worker,
        shows_tracebacks=not production_errors,
        account=account,
        state=state,
    )
    try:
        reading = read_served(options)
    except BadInput as bad:
        problems.extend(bad.problems)
    if problems:
        refuse(problems, "nothing is served")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(message)s")
    for warning in reading.warnings:
        click.echo(_fitting(f"warning: {warning}"), err=True)
    serving = serve_until_told(
        reading.settings,
        lambda bound_port: click.echo(announcement(reading, host, bound_port, token)),
        host=host,
        port=port,
        token=token,
        names=allow_host,
        throttled=api_rate_limit,
        log=RequestLog(sys.stdout, quiet=quiet),
        reloader=None if no_reload else Reloader(lambda: read_served(options), reading),
        pages=dashboard(scenarios),
    )
    try:
        with _as_served():
            asyncio.run(serving)
    except BadInput as bad:
        refuse_bad(bad, "nothing is served")
    click.echo("stopped; the state is closed" if state else "stopped")


@contextmanager
def _as_served() -> Iterator[None]:
    """What of this process is different while it serves: the worker's errors stand in the request log alone,
    and no byte code is written, in which a change within a second would be overlooked."""
    errors, level = logging.getLogger("edgeday.worker"), logging.getLogger("edgeday.worker").level
    writes = sys.dont_write_bytecode
    errors.setLevel(logging.CRITICAL)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        errors.setLevel(level)
        sys.dont_write_bytecode = writes


def _fitting(text: str) -> str:
    """A text for standard error, in lines that break between words where that is a terminal."""
    if not sys.stderr.isatty():
        return text
    columns = shutil.get_terminal_size((80, 24)).columns
    return textwrap.fill(text, columns, subsequent_indent="  ", break_on_hyphens=False)


def _variables(given: tuple[str, ...], problems: list[Problem]) -> dict[str, str]:
    """Variables as NAME=VALUE, by name."""
    problems.extend(Problem("--var", f'"{one}" is not NAME=VALUE') for one in given if one.find("=") < 1)
    pairs = (one.partition("=") for one in given)
    return {name: value for name, _, value in pairs}
