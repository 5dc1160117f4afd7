"""The code of a JavaScript worker, from whatever a person names: a bundle, plain files, or what wrangler
makes of TypeScript and npm packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from edgeday.files import from_here
from edgeday.hosting.endings import BUNDLE
from edgeday.hosting.javascript.bundles import Bundle, read_bundle
from edgeday.hosting.javascript.stacks import Stacks
from edgeday.hosting.javascript.wrangler_build import Target, build
from edgeday.hosting.javascript.wrangler_command import Wrangler, find_wrangler
from edgeday.runtime.plain_modules import ENDINGS, NeedsBundler, read_plain
from edgeday.wrangler import Binding, WranglerConfig

_NAMED = 3
"""Files that a warning names."""


class Code(NamedTuple):
    """A worker's bundle and what it is bound to.

    config: the configuration of its project with what the bundle has besides; what the bundle has, if there
    is none. made: how the bundle was made, or what was added to it, in words; "" for files as they are.
    wrangler: the version of that which made it, or "". warnings: of the code.
    """

    bundle: Bundle
    config: WranglerConfig
    made: str = ""
    wrangler: str = ""
    warnings: tuple[str, ...] = ()


def read_code(main: Path, config: WranglerConfig | None, *, is_main: bool) -> Code:
    """The code behind a file. config: the configuration of the project that it lies in. is_main: it was not
    named itself, but the configuration whose main one it is; then wrangler builds it, if it is there.

    Raises BadInput with all that is wrong.
    """
    if main.suffix == BUNDLE:
        bundle = read_bundle(main)
        return _of_bundle(bundle, main, config)._replace(warnings=_stale(bundle, main))
    wrangler = find_wrangler(main.parent)
    if wrangler is None or (main.suffix in ENDINGS and not is_main):
        try:
            return _plain(main, config)
        except NeedsBundler:
            if wrangler is None:
                raise
    return _built(main, config, wrangler)


def _plain(main: Path, config: WranglerConfig | None) -> Code:
    date = "" if config is None else config.compatibility_date
    flags = () if config is None else config.compatibility_flags
    bundle = read_plain(main, date=date, flags=flags)
    return Code(bundle, config or _configuration_of(bundle, main))


def _built(main: Path, config: WranglerConfig | None, wrangler: Wrangler) -> Code:
    path = None if config is None or config.path is None else config.path.resolve()
    is_main = config is not None and config.main == main
    environment = "" if config is None else config.environment
    made = build(Target(path, environment, None if is_main else main), wrangler)
    bundle = made.bundle
    if config is not None and not bundle.date:  # an old wrangler says neither
        bundle = replace(bundle, date=config.compatibility_date, flags=config.compatibility_flags)
    own = config or _configuration_of(bundle, main)
    return Code(bundle, own, f"bundled by {wrangler.says}", wrangler.version, made.warnings)


def _of_bundle(bundle: Bundle, main: Path, config: WranglerConfig | None) -> Code:
    """A bundle has its own code, date and flags. In a project it gets what may have changed since, or was
    never in it: variables, secrets and crons."""
    own = _configuration_of(bundle, main)
    if config is None or config.path is None:
        return Code(bundle, own)
    bindings = {one.name: one for one in (*own.bindings, *config.bindings)}
    known = {*bindings, *config.vars, *config.unsupported_bindings}
    others = {name: kind for name, kind in bundle.unsupported.items() if name not in known}
    merged = replace(
        config,
        bindings=tuple(bindings.values()),
        vars={**own.vars, **config.vars},
        warnings=(*config.warnings, *_warnings(others, main)),
        unsupported_bindings={**config.unsupported_bindings, **others},
    )
    return Code(bundle, merged, f"variables and crons of {from_here(config.path)}")


def _stale(bundle: Bundle, main: Path) -> tuple[str, ...]:
    """That a bundle was made of other files than those that are there."""
    changed = [str(from_here(path)) for path in Stacks(bundle).changed_sources]
    if not changed:
        return ()
    named = ", ".join(changed[:_NAMED]) + (
        f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    )
    return (f"{from_here(main)} was made before {named} changed, and runs as it is: build it anew",)


def _configuration_of(bundle: Bundle, main: Path) -> WranglerConfig:
    """What a bundle says, as a configuration; it has no file."""
    name = main.stem
    return WranglerConfig(
        name,
        bindings=tuple(Binding(key, id, f"{name}-{key}") for key, id in bundle.namespaces.items()),
        vars=dict(bundle.variables),
        warnings=_warnings(bundle.unsupported, main),
        main=main,
        compatibility_date=bundle.date,
        compatibility_flags=bundle.flags,
        unsupported=_words(bundle.unsupported),
        unsupported_bindings=dict(bundle.unsupported),
    )


def _words(unsupported: Mapping[str, str]) -> tuple[str, ...]:
    """Bindings that are not emulated, each with its kind: "D1 database DB"."""
    return tuple(f"{kind} {name}" for name, kind in unsupported.items())


def _warnings(unsupported: Mapping[str, str], main: Path) -> tuple[str, ...]:
    if not unsupported:
        return ()
    return (f"{from_here(main)}: edgeday does not emulate: {', '.join(_words(unsupported))}",)
