"""The options that put another worker in the place of the one that a scenario names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def worker_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --worker, as `worker`; "" if it is not given."""
    help = "Run this worker instead: src/entry.py, wrangler.jsonc or package.module:Class."
    return click.option("--worker", default="", metavar="ENTRY", help=help)(command)


def worker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --worker and --variant, as `worker` and `variant`; "" if not given."""
    help = "Run this variant of the worker instead of the scenario's."
    return worker_option(click.option("--variant", default="", metavar="NAME", help=help)(command))
