"""The page on extensions: the package that it shows is installed, and does what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import urllib.request

import pytest

from tests.documents import blocks, commands, enter, mismatch

PAGE = "docs/extending.md"


@pytest.fixture
def site(tmp_path):
    """A directory with the package's files, and what installing it leaves: its entry point."""
    for block in blocks(PAGE):
        if block.path:
            target = tmp_path / block.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))["project"]
    metadata = tmp_path / f"{project['name']}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in project["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return tmp_path


@pytest.mark.slow
def test_the_commands_of_the_page_print_what_it_shows(site):
    count = 0
    for block in blocks(PAGE):
        for command, expected in commands(block) if block.kind == "console" else ():
            process = enter(command, site, PYTHONPATH=str(site))
            assert process.returncode == 0, process.stderr
            wrong = mismatch(expected, process.stdout.splitlines())
            assert not wrong, f"$ {command}\nexpected: {wrong}\nprinted:\n{process.stdout}"
            count += 1
    assert count == 2


@pytest.mark.slow
def test_everything_else_knows_the_profile_as_the_page_says(site):
    for command in (
        "edgeday explain mail.sent",
        "edgeday validate --schema | grep full_mailbox",
        "edgeday init first.yaml --entry letters.worker:Letters && edgeday replay first.yaml",
        "edgeday capacity day.yaml | grep -i letter",
    ):
        process = enter(command, site, PYTHONPATH=str(site))
        assert process.returncode == 0, f"{command}\n{process.stdout}{process.stderr}"


@pytest.mark.slow
def test_the_dashboard_shows_the_page_of_the_package(site):
    command = [sys.executable, "-m", "edgeday", "serve", "--port", "0", "--worker", "letters.worker:Letters"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=site, env=environment) as process:
        try:
            words = "".join(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
            origin = re.search(r"http://\S+:\d+", words)[0]
            with urllib.request.urlopen(f"{origin}/letter", b"reader-1@example.com", timeout=10) as answer:
                assert answer.status == 202
            with urllib.request.urlopen(f"{origin}/__edgeday/letters", timeout=10) as answer:
                page = answer.read().decode()
        finally:
            process.terminate()
    assert "mail.example answers at once" in words
    assert "<p>1 sent today</p>" in page
    assert ">Letters</a>" in page
