"""Which `workers-runtime-sdk` a worker runs with: the project's vendored copy, then the environment's.

pywrangler copies a project's packages, the SDK with them, into `python_modules` beside the configuration.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from edgeday.hosting.python_workers.flags import Compatibility

DISTRIBUTION = "workers-runtime-sdk"
_MODULES = frozenset({"workers", "asgi", "_workers_sdk_package_patches"})
_VENDORED = "python_modules"
_SINCE = "2026-04-21"


class CannotHost(ValueError):
    """A Python Worker that cannot be run. hint: what to try, or ""."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class Folder(NamedTuple):
    """A folder that modules come from. names: those of its top-level modules that do."""

    path: Path
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sdk:
    """An SDK that was found. vendored: whether it is the project's own copy."""

    folder: Folder
    version: str
    vendored: bool

    @property
    def says(self) -> str:
        """Its name, version and origin."""
        origin = f"from {_VENDORED}" if self.vendored else "from the environment"
        return f"{DISTRIBUTION} {self.version} {origin}"


def vendored_folders(main: Path, root: Path) -> list[Path]:
    """The folders of vendored packages that a worker has. root: the folder of its configuration."""
    folders = dict.fromkeys((root / _VENDORED, main.parent / _VENDORED))
    return [folder.resolve() for folder in folders if folder.is_dir()]


def find_sdk(vendored: Sequence[Path]) -> Sdk:
    """The SDK of the vendored packages or, without one, of the environment. Raises CannotHost."""
    for folder in vendored:
        if (folder / "workers" / "__init__.py").is_file():
            copy = next(iter(distributions(name=DISTRIBUTION, path=[str(folder)])), None)
            version = "of unknown version" if copy is None else copy.version
            return Sdk(Folder(folder, top_level_names(folder)), version, vendored=True)
    installed = next(iter(distributions(name=DISTRIBUTION)), None)
    if installed is None:
        raise CannotHost(
            f"a Python Worker needs Cloudflare's {DISTRIBUTION}, which neither {_VENDORED} nor the "
            "environment has",
            "pip install 'edgeday[python-workers]'",
        )
    files = [file.parts[0] for file in installed.files or () if file.suffix == ".py"]
    names = frozenset(name.partition(".")[0] for name in files) or _MODULES
    folder = Path(str(installed.locate_file(""))).resolve()
    return Sdk(Folder(folder, names), installed.version, vendored=False)


def warnings_about(sdk: Sdk, compatibility: Compatibility) -> tuple[str, ...]:
    """What is otherwise on Cloudflare for a project with a compatibility date and no copy of the SDK."""
    if sdk.vendored or not compatibility.date:
        return ()
    if compatibility["enable_python_external_sdk"]:
        meaning = (
            f"from compatibility date {_SINCE} on Cloudflare has no module `workers` without it (pywrangler "
            "puts it there); here the environment's copy runs"
        )
    else:
        meaning = (
            f"before compatibility date {_SINCE} Cloudflare runs the SDK built into its runtime, which "
            'does not wrap KV (a missing key `is None` is False there, and `list()["keys"]` raises '
            "TypeError); here the environment's copy runs, which does"
        )
    return (f"there is no {DISTRIBUTION} in {_VENDORED}: {meaning}",)


def is_installed(path: Path | str) -> bool:
    """Whether a file or folder lies among the packages of an environment."""
    return not {"site-packages", "dist-packages"}.isdisjoint(Path(path).parts)


def top_level_names(folder: Path) -> frozenset[str]:
    """The modules that a folder has; the standard library's names stay the library's."""
    names = {
        child.name.partition(".")[0]
        for child in folder.iterdir()
        if child.suffix in {".py", ".so", ".pyd"} or child.is_dir()
    }
    return frozenset(name for name in names if name.isidentifier()) - sys.stdlib_module_names
