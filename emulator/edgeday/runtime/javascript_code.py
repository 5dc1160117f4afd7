"""The code of a JavaScript worker, from whatever a person names: a bundle, plain files, or what wrangler
makes of TypeScript and npm packages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from edgeday.errors import Problem
from edgeday.files import from_here
from edgeday.hosting.javascript.bundles import Bundle, read_bundle
from edgeday.hosting.javascript.wrangler_build import Target, build
from edgeday.hosting.javascript.wrangler_command import HOW_TO_GET, Wrangler, find_wrangler
from edgeday.runtime.plain_modules import ENDINGS, NeedsBundler, read_plain
from edgeday.wrangler import Binding, WranglerConfig

BUNDLE_ENDING = ".bundle"


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
    if main.suffix == BUNDLE_ENDING:
        return _of_bundle(read_bundle(main), main, config)
    wrangler = find_wrangler(main.parent)
    if wrangler is None or (main.suffix in ENDINGS and not is_main):
        try:
            return _plain(main, config)
        except NeedsBundler:
            if wrangler is None:
                raise
    return _built(main, config, wrangler)


def _plain(main: Path, config: WranglerConfig | None) -> Code:
    if main.suffix not in ENDINGS:
        what = "is not JavaScript that runs as it is: wrangler bundles it, and is not there"
        raise NeedsBundler(Problem(str(from_here(main)), what, HOW_TO_GET))
    date = "" if config is None else config.compatibility_date
    flags = () if config is None else config.compatibility_flags
    bundle = read_plain(main, date=date, flags=flags)
    return Code(bundle, config or _configuration_of(bundle, main))


def _built(main: Path, config: WranglerConfig | None, wrangler: Wrangler) -> Code:
    path = None if config is None or config.path is None else config.path.resolve()
    is_main = config is not None and config.main == main
    environment = "" if config is None else config.environment
    made = build(Target(path, environment, None if is_main else main), wrangler)
    own = config or _configuration_of(made.bundle, main)
    return Code(made.bundle, own, f"bundled by {wrangler.says}", wrangler.version, made.warnings)


def _of_bundle(bundle: Bundle, main: Path, config: WranglerConfig | None) -> Code:
    """A bundle has its own code, date and flags. In a project it gets what may have changed since, or was
    never in it: variables, secrets and crons."""
    own = _configuration_of(bundle, main)
    if config is None or config.path is None:
        return Code(bundle, own)
    bindings = {one.name: one for one in (*own.bindings, *config.bindings)}
    unsupported = {**config.unsupported_bindings, **bundle.unsupported}
    known = {*bindings, *config.vars}
    merged = replace(
        config,
        bindings=tuple(bindings.values()),
        vars={**own.vars, **config.vars},
        unsupported_bindings={name: kind for name, kind in unsupported.items() if name not in known},
    )
    return Code(bundle, merged, f"variables and crons of {from_here(config.path)}")


def _configuration_of(bundle: Bundle, main: Path) -> WranglerConfig:
    """What a bundle says, as a configuration; it has no file."""
    name, shown = main.stem, from_here(main)
    unsupported = tuple(f"{kind} {key}" for key, kind in bundle.unsupported.items())
    return WranglerConfig(
        name,
        bindings=tuple(Binding(key, id, f"{name}-{key}") for key, id in bundle.namespaces.items()),
        vars=dict(bundle.variables),
        main=main,
        compatibility_date=bundle.date,
        compatibility_flags=bundle.flags,
        warnings=(f"{shown}: edgeday does not emulate: {', '.join(unsupported)}",) if unsupported else (),
        unsupported=unsupported,
        unsupported_bindings=dict(bundle.unsupported),
    )
