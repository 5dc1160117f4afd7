"""What is said of a bundle whose sources have changed since it was made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edgeday.runtime.javascript_code import read_code

BUNDLES = Path(__file__).parents[1] / "hosting" / "javascript" / "bundles"


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle in its project, beside the files that it was made of."""
    shutil.copytree(BUNDLES / "shop", tmp_path, dirs_exist_ok=True)
    (tmp_path / "dist").mkdir()
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(BUNDLES / "shop.bundle", tmp_path / "dist" / "worker.bundle"))


def warned(bundle: Path) -> tuple[str, ...]:
    return read_code(bundle, None, is_main=False).warnings


def test_a_bundle_of_the_files_that_are_there_has_no_warning(bundle: Path) -> None:
    for file in Path("src").iterdir():
        file.touch()  # only what is in them counts
    assert warned(bundle) == ()


def test_a_bundle_that_was_made_before_a_file_changed_says_so(bundle: Path) -> None:
    with Path("src", "greet.ts").open("a") as file:
        file.write("// changed\n")
    assert warned(bundle) == (
        "dist/worker.bundle was made before src/greet.ts changed, and runs as it is: build it anew",
    )


def test_ends_of_lines_and_files_that_are_not_there_change_nothing(bundle: Path) -> None:
    greet = Path("src", "greet.ts")
    greet.write_bytes(greet.read_bytes().replace(b"\n", b"\r\n"))
    for file in Path("src").glob("*.ts"):
        if file.name != "greet.ts":
            file.unlink()
    assert warned(bundle) == ()


def test_a_bundle_away_from_its_sources_has_no_warning(tmp_path: Path) -> None:
    assert warned(Path(shutil.copy(BUNDLES / "shop.bundle", tmp_path / "worker.bundle"))) == ()
