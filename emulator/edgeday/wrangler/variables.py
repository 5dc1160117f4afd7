"""Variables of a worker: `vars` of the configuration, and over them the secrets of local development.

.dev.vars beats .env; .dev.vars.NAME stands in its place for an environment of that name. Of .env files each
adds to those before: .env, .env.local, .env.NAME, .env.NAME.local. Where the configuration lists
`secrets.required`, those alone are taken. Nothing is taken from the process's own environment.
"""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any, NamedTuple

from edgeday.errors import BadInput, Problem
from edgeday.files import read_capped
from edgeday.wrangler.dotenv import expanded, parse_dotenv
from edgeday.wrangler.environments import Chosen
from edgeday.wrangler.source import ConfigSource, key_pattern

_MAX_BYTES = 1024 * 1024


class Secrets(NamedTuple):
    """Local secrets by name, and the files that they stand in."""

    values: dict[str, str]
    files: tuple[Path, ...]


def plain_variables(source: ConfigSource, chosen: Chosen) -> dict[str, Any]:
    """The `vars` of an environment."""
    variables = source.table(chosen.own, "vars")
    for name, value in variables.items():
        if isinstance(value, (date, time)):
            hint = f'write {name} = "{value}"'
            source.problem(key_pattern(name), f'the variable "{name}" is a TOML date', hint, last=True)
    return variables


def local_secrets(source: ConfigSource, chosen: Chosen, environment: str | None) -> Secrets:
    """What .dev.vars or .env beside a configuration say. Raises BadInput for a file that cannot be read."""
    secrets = _all_secrets(source.path.parent, environment)
    listed = source.table(chosen.own, "secrets").get("required")
    if not isinstance(listed, list):
        return secrets
    if missing := [str(name) for name in listed if name not in secrets.values]:
        source.warn(
            "required", f"Missing required secrets: {', '.join(missing)}", "add them to .dev.vars or .env"
        )
    values = {name: value for name, value in secrets.values.items() if name in listed}
    return Secrets(values, secrets.files)


def _all_secrets(directory: Path, environment: str | None) -> Secrets:
    own = [f".dev.vars.{environment}"] if environment else []
    for name in (*own, ".dev.vars"):
        text = _text(directory / name)
        if text is not None:
            return Secrets(parse_dotenv(text), (directory / name,))
    own = [f".env.{environment}", f".env.{environment}.local"] if environment else []
    values: dict[str, str] = {}
    files = []
    for name in (".env", ".env.local", *own):
        text = _text(directory / name)
        if text is not None:
            values.update(parse_dotenv(text))
            files.append(directory / name)
    return Secrets(expanded(values), tuple(files))


def _text(path: Path) -> str | None:
    """The text of a file, None if there is none of that name."""
    if not path.is_file():
        return None
    data = read_capped(path, _MAX_BYTES, kind="a file of variables")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise BadInput(Problem(str(path), what, line=line)) from None
