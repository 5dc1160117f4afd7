"""From a configuration file to what edgeday takes from it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from edgeday.cron import BadCron, Schedule, parse
from edgeday.wrangler.environments import Chosen, choose, environment_names
from edgeday.wrangler.known_fields import warn_of_unknown_fields
from edgeday.wrangler.kv_bindings import kv_bindings, warn_of_names
from edgeday.wrangler.model import WranglerConfig
from edgeday.wrangler.source import ConfigSource, key_pattern, quoted
from edgeday.wrangler.unsupported import unsupported
from edgeday.wrangler.variables import local_secrets, plain_variables

CONFIG_NAMES = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
"""What a configuration is called, the one that wrangler prefers first."""
_DATE = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*")


def find_wrangler_config(start: Path) -> Path | None:
    """The configuration in a directory, or else in the nearest one above it; None if there is none."""
    directory = start.resolve()
    for folder in (directory, *directory.parents):
        for name in CONFIG_NAMES:
            if (folder / name).is_file():
                return folder / name
    return None


def load_wrangler_config(path: Path, environment: str | None = None) -> WranglerConfig:
    """Read a configuration file, or one environment of it; "" is the top level, said on purpose.

    Raises BadInput with all problems, each at file:line.
    """
    source = ConfigSource(path)
    chosen = choose(source, environment)
    warn_of_unknown_fields(source, chosen)
    base = source.text(source.values, "name") or path.parent.resolve().name
    name = base + chosen.suffix
    if chosen.name:
        name = source.text(chosen.own, "name") or name
    bindings = kv_bindings(source, chosen.own, name)
    plain = plain_variables(source, chosen)
    for taken in sorted({binding.name for binding in bindings} & set(plain)):
        source.problem(re.escape(taken), f'"{taken}" is a variable and a binding', last=True)
    secrets = local_secrets(source, chosen, environment)
    for binding in bindings:
        if binding.name in secrets.values:
            del secrets.values[binding.name]
            files = ", ".join(file.name for file in secrets.files)
            what = f'"{binding.name}" is a binding: its secret in {files} is not read'
            source.warn(quoted(binding.name), what)
    main = source.text({"main": chosen.inherited("main")}, "main")
    flags = _texts(source, "compatibility_flags", chosen.inherited("compatibility_flags"))
    day = _compatibility_date(source, chosen)
    if main is not None:
        _warn_of_the_worker(source, main, flags, day)
    if main is None or main.endswith(".py"):
        warn_of_names(source, tuple(binding.name for binding in bindings))
    not_emulated = unsupported(chosen)
    if not_emulated:
        source.warn("", f"edgeday does not emulate: {', '.join(one.words for one in not_emulated)}")
    crons = _crons(source, chosen)
    source.refuse()
    return WranglerConfig(
        name,
        account_id=source.text(chosen.own, "account_id") or source.text(source.values, "account_id"),
        bindings=bindings,
        vars={**plain, **secrets.values},
        warnings=tuple(source.warnings),
        path=path,
        main=None if main is None else Path(os.path.normpath(path.parent.resolve() / main)),
        main_line=source.line_of(key_pattern("main")),
        compatibility_date=day,
        compatibility_flags=flags,
        crons=crons,
        unsupported=tuple(one.words for one in not_emulated),
        unsupported_bindings={one.name: one.noun for one in not_emulated if one.is_bound and one.name},
        secrets=tuple(secrets.values),
        secret_files=secrets.files,
        environments=environment_names(source),
        environment=chosen.name,
    )


def _texts(source: ConfigSource, key: str, value: Any) -> tuple[str, ...]:
    """A list of texts, empty if there is none or another value (which is a problem)."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        source.problem(key_pattern(key), f"{key} is not a list of texts")
        return ()
    return tuple(value)


def _crons(source: ConfigSource, chosen: Chosen) -> tuple[str, ...]:
    """The cron expressions; what Cloudflare refuses or reads otherwise than crontab is warned of."""
    triggers = source.table({"triggers": chosen.inherited("triggers")}, "triggers")
    crons = _texts(source, "crons", triggers.get("crons"))
    first: dict[Schedule, str] = {}
    for cron in crons:
        try:
            parsed = parse(cron)
        except BadCron as bad:
            source.warn(quoted(cron), f'the cron "{cron}" is refused by Cloudflare: {bad}', bad.hint)
            continue
        if (same := first.setdefault(parsed.schedule, cron)) != cron:
            what = f'the cron "{cron}" has the same times as "{same}", which Cloudflare refuses'
            source.warn(quoted(cron), what, "leave one of them out")
        for notice in parsed.warnings:
            source.warn(quoted(cron), f'the cron "{cron}": {notice}')
    return crons


def _compatibility_date(source: ConfigSource, chosen: Chosen) -> str:
    key = "compatibility_date"
    text = source.text({key: chosen.inherited(key)}, key)
    if text is None:
        return ""
    parts = _DATE.fullmatch(text)
    with suppress(ValueError):
        if parts is not None:
            return date(int(parts[1]), int(parts[2]), int(parts[3])).isoformat()
    source.problem(key_pattern(key), f'{key} "{text}" is no date', "write it as 2026-05-04")
    return ""


def _warn_of_the_worker(source: ConfigSource, main: str, flags: tuple[str, ...], day: str) -> None:
    """What wrangler would not deploy."""
    if not day:
        source.warn("", "no compatibility_date is set", 'write "compatibility_date", such as 2026-05-04')
    if main.endswith(".py") and "python_workers" not in flags:
        what = "The `python_workers` compatibility flag is required to use Python"
        source.warn(key_pattern("main"), what, 'write it into "compatibility_flags"')
