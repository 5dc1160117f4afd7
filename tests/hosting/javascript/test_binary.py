"""Where workerd is looked for: in the layouts of npm, pnpm and yarn, with stand-ins that say a version."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.hosting.javascript.binary import (
    NEWEST_TESTED,
    OLDEST_TESTED,
    Workerd,
    find_workerd,
    platform_package,
    version_of,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are scripts")
PACKAGE = f"@cloudflare/{platform_package()}/bin/workerd"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch, tmp_path):
    monkeypatch.delenv("EDGEDAY_WORKERD", raising=False)
    monkeypatch.delenv("EDGEDAY_WRANGLER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def stand_in(path: Path, says: str = "workerd 2026-01-02") -> Path:
    """A program that says a version, as workerd does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n", "utf-8")
    path.chmod(0o755)
    return path.resolve()


def launcher(path: Path) -> Path:
    """The script for Node that npm puts in the place of the binary; there is no Node here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/usr/bin/env node\nthrow new Error();\n", "utf-8")
    path.chmod(0o755)
    return path


def link(path: Path, to: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)


def problem_of(near: Path, given: str | None = None) -> str:
    with pytest.raises(BadInput) as bad:
        find_workerd(near, given)
    return str(bad.value)


def test_the_binary_beside_the_package_is_taken_and_not_the_launcher(project):
    modules = project / "node_modules"
    launcher(modules / "workerd/bin/workerd")
    link(modules / ".bin/workerd", Path("../workerd/bin/workerd"))
    binary = stand_in(modules / PACKAGE)
    assert find_workerd(project) == Workerd(binary, "2026-01-02")


def test_the_binary_that_an_installer_put_in_the_place_of_the_launcher_is_taken(project):
    binary = stand_in(project / "node_modules/workerd/bin/workerd")
    assert find_workerd(project).path == binary


def test_the_binary_may_lie_below_the_package(project):
    launcher(project / "node_modules/workerd/bin/workerd")
    binary = stand_in(project / "node_modules/workerd/node_modules" / PACKAGE)
    assert find_workerd(project).path == binary


def test_a_folder_above_is_looked_in_too_and_the_nearest_is_taken(project):
    above = stand_in(project / "node_modules" / PACKAGE)
    inner = project / "apps/shop"
    inner.mkdir(parents=True)
    assert find_workerd(inner).path == above
    nearest = stand_in(inner / "node_modules" / PACKAGE, "workerd 2026-03-04")
    assert find_workerd(inner) == Workerd(nearest, "2026-03-04")


def test_the_one_below_wrangler_is_taken_where_there_is_no_other(project):
    nested = project / "node_modules/wrangler/node_modules"
    launcher(nested / "workerd/bin/workerd")
    below = stand_in(nested / PACKAGE)
    assert find_workerd(project).path == below
    own = stand_in(project / "node_modules" / PACKAGE)
    assert find_workerd(project).path == own


def test_links_of_pnpm_are_followed_from_wrangler_on(project):
    store = project / "node_modules/.pnpm"
    (store / "wrangler@4/node_modules/wrangler").mkdir(parents=True)
    link(project / "node_modules/wrangler", Path(".pnpm/wrangler@4/node_modules/wrangler"))
    package = store / "workerd@1.20260102.0/node_modules"
    launcher(package / "workerd/bin/workerd")
    link(store / "wrangler@4/node_modules/workerd", package / "workerd")
    binary = stand_in(store / "binary@1/node_modules" / PACKAGE)
    link((package / PACKAGE).parents[1], binary.parents[1])
    assert find_workerd(project).path == binary


def test_a_launcher_on_the_path_leads_to_its_binary(project, tmp_path):
    modules = tmp_path / "lib/node_modules"
    link(tmp_path / "bin/workerd", launcher(modules / "workerd/bin/workerd"))
    binary = stand_in(modules / "workerd/node_modules" / PACKAGE)
    assert find_workerd(project).path == binary


def test_a_binary_on_the_path_is_taken_last(project, tmp_path):
    last = stand_in(tmp_path / "bin/workerd")
    assert find_workerd(project).path == last
    nearer = stand_in(project / "node_modules" / PACKAGE)
    assert find_workerd(project).path == nearer


@pytest.mark.parametrize("is_named", [True, False])
def test_the_one_of_a_wrangler_that_lies_elsewhere_is_taken_where_there_is_no_other(
    project, tmp_path, monkeypatch, is_named
):
    modules = tmp_path / "lib/node_modules"
    command = launcher(modules / "wrangler/bin/wrangler.js")
    binary = stand_in(modules / "wrangler/node_modules" / PACKAGE)
    if is_named:
        link(modules / ".bin/wrangler", command)
        monkeypatch.setenv("EDGEDAY_WRANGLER", str(modules / ".bin/wrangler"))
    else:
        link(tmp_path / "bin/wrangler", command)
    assert find_workerd(project).path == binary
    own = stand_in(tmp_path / "bin/workerd")
    assert find_workerd(project).path == own


def test_what_does_not_run_is_passed_over(project, tmp_path):
    stand_in(project / "node_modules" / PACKAGE, "Segmentation fault")
    last = stand_in(tmp_path / "bin/workerd")
    assert find_workerd(project).path == last


def test_an_option_beats_the_environment_which_beats_all_that_is_installed(project, tmp_path, monkeypatch):
    stand_in(project / "node_modules" / PACKAGE)
    ours = stand_in(tmp_path / "ours", "workerd 2026-05-06")
    monkeypatch.setenv("EDGEDAY_WORKERD", str(ours))
    assert find_workerd(project) == Workerd(ours, "2026-05-06")
    given = stand_in(tmp_path / "given", "workerd 2026-07-08")
    assert find_workerd(project, str(given)) == Workerd(given, "2026-07-08")


def test_a_launcher_that_is_named_leads_to_its_binary(project, monkeypatch):
    modules = project / "node_modules"
    binary = stand_in(modules / PACKAGE)
    link(modules / ".bin/workerd", launcher(modules / "workerd/bin/workerd"))
    monkeypatch.setenv("EDGEDAY_WORKERD", str(modules / ".bin/workerd"))
    assert find_workerd(project / "elsewhere").path == binary


def test_where_there_is_none_it_says_how_to_get_it(project):
    said = problem_of(project)
    assert "npm i -D workerd" in said
    assert "EDGEDAY_WORKERD" in said


def test_one_that_does_not_run_is_named_where_there_is_no_other(project):
    binary = stand_in(project / "node_modules" / PACKAGE, "wrong machine")
    assert f"{binary} does not run here as workerd" in problem_of(project)


def test_what_is_named_and_is_no_workerd_is_refused_by_its_name(project, tmp_path, monkeypatch):
    assert "--workerd: there is no file" in problem_of(project, str(tmp_path / "none"))
    monkeypatch.setenv("EDGEDAY_WORKERD", str(stand_in(tmp_path / "node", "v20.1.0")))
    assert problem_of(project).startswith("EDGEDAY_WORKERD: ")


@pytest.mark.parametrize("said", ["workerd 2026-13-01", "workerd", "workerd 2026-01-02 beta", ""])
def test_a_version_is_a_day(tmp_path, said):
    assert not version_of(stand_in(tmp_path / "workerd", said))


def test_a_binary_that_is_replaced_is_asked_again(tmp_path):
    path = tmp_path / "workerd"
    assert version_of(stand_in(path)) == "2026-01-02"
    assert version_of(stand_in(path, "workerd 2026-02-03 ")) == "2026-02-03"


@pytest.mark.parametrize(
    ("version", "is_warned_of"),
    [("2025-03-20", True), (OLDEST_TESTED, False), (NEWEST_TESTED, False), ("2026-11-18", True)],
)
def test_a_version_outside_of_what_was_tested_is_warned_of(version, is_warned_of):
    assert len(Workerd(Path("workerd"), version).warnings) == is_warned_of
