"""The door to the readers of source: each language by its own, and nothing of the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edgeday.source.seen import answers_requests, routes_in, shows_a_handler

PYTHON = 'class Default:\n    async def fetch(self, request):\n        if url.path == "/a": return 1\n'
SCRIPT = 'export default { fetch(request) { if (new URL(request.url).pathname === "/b") return 1; } };\n'


@pytest.mark.parametrize(
    ("name", "text", "paths"),
    [
        ("entry.py", PYTHON, ["/a"]),
        ("worker.js", SCRIPT, ["/b"]),
        ("worker.MJS", SCRIPT, ["/b"]),
        ("worker.js", PYTHON, []),
        ("entry.py", SCRIPT, []),
        ("worker.rb", SCRIPT, []),
    ],
)
def test_a_file_is_read_in_the_language_of_its_ending(tmp_path, name, text, paths):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert [route.path for route in routes_in(path)] == paths
    assert shows_a_handler(path) is bool(paths)
    assert answers_requests(path)


def test_what_reads_javascript_is_loaded_for_javascript_alone(tmp_path):
    (tmp_path / "entry.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "worker.js").write_text(SCRIPT, encoding="utf-8")
    code = (
        "import sys\nfrom pathlib import Path\nimport edgeday.commands.cli\n"
        "from edgeday.source.seen import routes_in\n"
        "for name in sys.argv[1:]:\n    routes_in(Path(name))\n    print('tree_sitter' in sys.modules)\n"
    )
    files = [str(tmp_path / name) for name in ("entry.py", "worker.js")]
    command = [sys.executable, "-c", code, *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert ran.stdout.split() == ["False", "True"]
