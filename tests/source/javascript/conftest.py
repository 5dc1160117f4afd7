"""A worker's files from texts, for the readers of JavaScript."""

from __future__ import annotations

from textwrap import dedent

import pytest


@pytest.fixture
def project(tmp_path):
    """Writes files, by their names, and returns the path of the first."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return tmp_path / next(iter(files))

    return write
