"""What `edgeday init` knows besides of a worker in JavaScript or TypeScript: its bundle, what it runs on."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from edgeday.errors import BadInput, Problem
from edgeday.hosting.endings import BUNDLE
from edgeday.source.model import WRITE_YOURS, value_of
from edgeday.source.seen import variables_in
from edgeday.wrangler import WranglerConfig

LIKELY = (
    "src/index.ts", "src/index.js", "src/worker.ts", "src/worker.js", "src/index.tsx", "src/index.mjs",
    "worker.js", "worker.ts", "worker.mjs", "index.js", "index.ts", "index.mjs", "dist/worker.bundle",
    "worker.bundle",
)  # fmt: skip
"""What the file of such a worker is mostly called."""


def configuration_of(main: Path, config: WranglerConfig | None) -> WranglerConfig | None:
    """What a worker is bound to: what a bundle says stands beside what its project's configuration does.

    Raises BadInput for a bundle that is none.
    """
    if main.suffix != BUNDLE:
        return config
    from edgeday.runtime.javascript_code import read_code

    return read_code(main, config, is_main=False).config


def source_of(main: Path, config: WranglerConfig | None) -> Path:
    """The file to read the source of a worker from: of a bundle in a project, the one that it was made of."""
    if main.suffix != BUNDLE or config is None or config.main is None or not config.main.is_file():
        return main
    from edgeday.hosting.javascript.bundles import read_bundle

    is_of_it = Path(read_bundle(main).main).stem == config.main.stem
    return config.main if is_of_it and config.main.suffix != BUNDLE else main


def values_made_up(source: Path, given: Container[str]) -> dict[str, str]:
    """A value for each variable that a worker's source needs and nothing gives it, to be written over."""
    return {name: _value(name) for name in variables_in(source) if name not in given}


def notes_on(made_up: Mapping[str, str]) -> list[str]:
    """What a reader of the scenario should know of variables that only it has."""
    return (
        [f"Its source needs what nothing else gives: write {', '.join(made_up)} of yours."] if made_up else []
    )


def _value(name: str) -> str:
    word = name.lower()
    host = f"{word.replace('_', '-')}.example"
    if word.endswith(("url", "uri", "origin", "endpoint")):
        return f"https://{host}"
    if word.endswith(("host", "domain")):
        return host
    value = value_of(name)
    return str(value) if isinstance(value, int) or "@" in value else WRITE_YOURS


def what_is_missing(main: Path) -> list[Problem]:
    """What a worker cannot be run without on this machine, each with how to get it."""
    from edgeday.hosting.javascript.binary import find_workerd
    from edgeday.hosting.javascript.wrangler_command import find_wrangler
    from edgeday.runtime.javascript_code import read_code
    from edgeday.runtime.plain_modules import NeedsBundler

    problems: list[Problem] = []
    if main.suffix != BUNDLE and find_wrangler(main.parent) is None:
        try:
            read_code(main, None, is_main=True)
        except NeedsBundler as bad:
            problems += bad.problems
        except BadInput:  # what is wrong in its files is told when it is tried
            pass
    try:
        find_workerd(main.parent)
    except BadInput as bad:
        problems += bad.problems
    return problems
