"""One configuration, read by the real wrangler and by edgeday: both warn of the same, and refuse the same.

Runs where Node is and `make test-wrangler` has installed wrangler; skipped, with the reason, where not.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.wrangler import load_wrangler_config
from tests.server.wranglers import wrangler_command

pytestmark = pytest.mark.slow

HEAD = 'name = "shop"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n'
KV = 'kv_namespaces = [{ binding = "A", id = "1" }]\n'
SCRIPT = 'export default { async fetch() { return new Response("x"); } };\n'
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_UNEXPECTED = re.compile(r'Unexpected fields found in (\S+) field: ((?:"[^"]+",?)+)')
_LACKING = re.compile(r'"(\w+)" exists at the top level, but not on "(env\.\w+)"')
CASES = [
    ("", None),
    ("kv-namespaces = []\ntype = 'webpack'\nzone_id = 'x'\nusage_model = 'unbound'\n", None),
    (KV + "[build.upload]\nformat = 'modules'\n[miniflare]\nx = 1\n", None),
    (KV + "[env.a]\nusage_model = 'x'\n[vars]\nX = '1'\n", "a"),
    (KV + "[env.a]\nroute = 'x'\nkeep_vars = true\nsend_metrics = false\n", "a"),
    (KV + "[env.a]\n", None),
    (KV + "[env.a]\n", ""),
    (KV, "a"),
    (KV, ""),
    ("d1_databases = [{ binding = 'DB', database_name = 'x', database_id = 'y' }]\n[env.a]\n", "a"),
    ("kv_namespaces = [{ binding = 'a-B', id = '1' }, { binding = '$S' }, { binding = '1a' }]\n", None),
    ("kv_namespaces = [{ binding = 'A', id = '1', preview-id = '2' }]\n", None),
    ("[triggers]\ncron = 'x'\n", None),
    ("preview-urls = true\nobservabilty = {}\n", None),
    ("[vars]\nX = 1\nY = true\nZ = { a = 1 }\n", None),
]
REFUSED = [
    ("[kv_namespaces]\nbinding = 'A'\nid = '1'\n", None),
    ("kv_namespaces = [{ binding = 'A', id = '' }]\n", None),
    ("kv_namespaces = [{ id = '1' }]\n", None),
    ("kv_namespaces = [{ binding = 'A', id = '1' }, { binding = 'A', id = '2' }]\n", None),
    (KV + "[vars]\nA = '1'\n", None),
    ("triggers = { crons = '* * * * *' }\n", None),
    ("[vars]\nX = 2026-01-01\n", None),
    ("[env.b]\n", "a"),
]


@pytest.fixture
def deploy(tmp_path: Path):
    """Runs wrangler's dry deployment of a configuration; gives its exit code and what it said."""
    command = wrangler_command("4")
    (tmp_path / "index.js").write_text(SCRIPT, encoding="utf-8")

    def run(text: str, environment: str | None) -> tuple[int, str]:
        (tmp_path / "wrangler.toml").write_text(HEAD + text, encoding="utf-8")
        chosen = [] if environment is None else ["--env", environment]
        process = subprocess.run(
            [command, "deploy", "--dry-run", "--outdir", "out", *chosen],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "CI": "1",
                "WRANGLER_SEND_METRICS": "false",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return process.returncode, _COLOURS.sub("", process.stdout + process.stderr)

    return run


def said(text: str) -> set[tuple[str, str]]:
    """What warnings are about: places with fields, environments with what they lack, and environments."""
    fields = {
        (place, one) for place, names in _UNEXPECTED.findall(text) for one in re.findall(r'"([^"]+)"', names)
    }
    about = fields | set(_LACKING.findall(text))
    if "no target environment was specified" in text:
        about.add(("environments", "none named"))
    return about | {
        ("no environment", name) for name in re.findall(r'No environment found .* name "(\w+)"', text)
    }


@pytest.mark.parametrize(("text", "environment"), CASES)
def test_wrangler_and_edgeday_warn_of_the_same(deploy, tmp_path, text, environment):
    code, output = deploy(text, environment)
    assert code == 0, output
    config = load_wrangler_config(tmp_path / "wrangler.toml", environment)
    assert said("\n".join(config.warnings)) == said(output)
    bound = set(re.findall(r"^env\.(\S+) .*KV Namespace", output, re.MULTILINE))
    assert {binding.name for binding in config.bindings} == bound


@pytest.mark.parametrize(("text", "environment"), REFUSED)
def test_what_wrangler_refuses_is_refused(deploy, tmp_path, text, environment):
    code, output = deploy(text, environment)
    assert code != 0, output
    with pytest.raises(BadInput):
        load_wrangler_config(tmp_path / "wrangler.toml", environment)
