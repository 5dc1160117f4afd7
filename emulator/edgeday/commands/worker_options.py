"""The options that put another worker in the place of the one that a scenario names, and say what runs it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def worker_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --worker, as `worker`; "" if it is not given; and --workerd."""
    help = "Run this worker instead: src/entry.py, src/index.ts, wrangler.jsonc or package.module:Class."
    return click.option("--worker", default="", metavar="ENTRY", help=help)(workerd_option(command))


def worker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --worker and --variant, as `worker` and `variant`; "" if not given; and
    --workerd."""
    help = "Run this variant of the worker instead of the scenario's."
    return worker_option(click.option("--variant", default="", metavar="NAME", help=help)(command))


def workerd_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --workerd. It is heard wherever a JavaScript worker starts, also in processes
    that the command starts: what it names stands in the environment until the command ends."""
    return click.option(
        "--workerd",
        metavar="FILE",
        expose_value=False,
        is_eager=True,
        callback=_take_workerd,
        help="The Workers runtime for JavaScript workers (default: EDGEDAY_WORKERD, node_modules, PATH).",
    )(command)


def _take_workerd(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if not value:
        return
    from edgeday.errors import BadInput
    from edgeday.hosting.javascript.binary import VARIABLE, find_workerd

    before = os.environ.get(VARIABLE)
    try:
        found = find_workerd(Path.cwd(), value)
    except BadInput as bad:
        (problem,) = bad.problems
        raise click.BadParameter(". ".join(filter(None, (problem.what, problem.hint)))) from None
    os.environ[VARIABLE] = str(found.path)
    context.call_on_close(lambda: _put_back(VARIABLE, before))


def _put_back(variable: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(variable, None)
    else:
        os.environ[variable] = value
