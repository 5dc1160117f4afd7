"""The options that put another worker in the place of the one that a scenario names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def worker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --worker and --variant, as `worker` and `variant`; "" if not given."""
    for name, metavar, help in (
        ("--variant", "NAME", "Run this variant of the worker instead of the scenario's."),
        (
            "--worker",
            "ENTRY",
            "Run this worker instead: src/entry.py, wrangler.jsonc or package.module:Class.",
        ),
    ):
        command = click.option(name, default="", metavar=metavar, help=help)(command)
    return command
