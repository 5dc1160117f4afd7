"""Where the user's own wrangler is looked for, and what it is run with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.hosting.javascript.wrangler_command import Wrangler, find_wrangler, offline_environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="npm writes other commands there")


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch, tmp_path):
    monkeypatch.delenv("EDGEDAY_WRANGLER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def installed(modules: Path, version: str) -> Path:
    """A package as npm installs it, with the link that is its command."""
    script = modules / "wrangler" / "bin" / "wrangler.js"
    script.parent.mkdir(parents=True)
    script.write_text("#!/usr/bin/env node\n")
    script.chmod(0o755)
    (modules / "wrangler" / "package.json").write_text(json.dumps({"name": "wrangler", "version": version}))
    command = modules / ".bin" / "wrangler"
    command.parent.mkdir()
    command.symlink_to(Path("..") / "wrangler" / "bin" / "wrangler.js")
    return command


def test_the_nearest_of_the_folders_above_is_taken(tmp_path):
    inner = tmp_path / "apps" / "shop"
    inner.mkdir(parents=True)
    assert find_wrangler(inner) is None
    above = installed(tmp_path / "node_modules", "3.114.17")
    assert find_wrangler(inner) == Wrangler(above, "3.114.17")
    nearest = installed(inner / "node_modules", "4.86.0")
    assert find_wrangler(inner) == Wrangler(nearest, "4.86.0")


def test_one_on_the_path_is_taken_last(tmp_path):
    command = installed(tmp_path / "lib" / "node_modules", "4.1.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "wrangler").symlink_to(command.resolve())
    project = tmp_path / "project"
    project.mkdir()
    assert find_wrangler(project) == Wrangler(tmp_path / "bin" / "wrangler", "4.1.0")
    own = installed(project / "node_modules", "4.2.0")
    assert find_wrangler(project) == Wrangler(own, "4.2.0")


def test_the_one_that_the_environment_names_beats_all(tmp_path, monkeypatch):
    installed(tmp_path / "node_modules", "4.86.0")
    named = installed(tmp_path / "other", "4.87.0")
    monkeypatch.setenv("EDGEDAY_WRANGLER", str(named))
    assert find_wrangler(tmp_path) == Wrangler(named, "4.87.0")
    monkeypatch.setenv("EDGEDAY_WRANGLER", str(tmp_path / "none"))
    with pytest.raises(BadInput, match="EDGEDAY_WRANGLER: there is no file"):
        find_wrangler(tmp_path)


def test_a_command_that_is_no_link_has_the_version_of_the_package_beside_it(tmp_path):
    command = installed(tmp_path / "node_modules", "4.86.0")
    command.unlink()
    command.write_text('#!/bin/sh\nexec node "$basedir/../wrangler/bin/wrangler.js"\n')
    assert find_wrangler(tmp_path) == Wrangler(command, "4.86.0")


def test_it_has_nothing_that_reaches_an_account_and_keeps_what_builds_need(tmp_path, monkeypatch):
    for name in ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ENV", "CF_API_TOKEN", "WRANGLER_CI_OVERRIDE_NAME"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("NODE_OPTIONS", "--max-old-space-size=4096")
    variables = offline_environment(tmp_path, "")
    assert not {name for name in variables if name.startswith(("CLOUDFLARE_", "CF_", "WRANGLER_CI"))}
    assert variables["NODE_OPTIONS"] == "--max-old-space-size=4096"
    assert variables["WRANGLER_SEND_METRICS"] == "false"
    assert offline_environment(tmp_path, "staging")["CLOUDFLARE_ENV"] == "staging"
