"""Where the original worker lies, and what runs it.

Its code is somebody else's and is not kept here. It is public: repository Radilovk/aidiet, file worker.js.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.host import host_javascript

REPOSITORY = "https://github.com/Radilovk/aidiet"
COMMITS = {
    "kv_only_v1": "8aa1280",
    "kv_only": "410cabe~1",
    "cache_only": "410cabe",
    "hybrid": "d5fa9c5",
    "hybrid_batched": "08679ce",
}
"""By the variant of the port: the commit whose worker.js it ports."""
FOLDER = Path(os.environ.get("EDGEDAY_ORIGINAL", Path(__file__).parent.parent.parent / ".original"))
"""Holds VARIANT/worker.js."""


def path_of(variant: str) -> Path:
    return FOLDER / variant / "worker.js"


def why_missing(variant: str) -> str:
    """Why the original of a variant cannot be run, with what to do; "" if it is there."""
    if path_of(variant).is_file():
        return ""
    return (
        f"{path_of(variant)} is not there: put into it what git show {COMMITS[variant]}:worker.js gives in a "
        f"clone of {REPOSITORY} (EDGEDAY_ORIGINAL names another folder than .original)"
    )


def sha256_of(variant: str) -> str:
    return hashlib.sha256(path_of(variant).read_bytes()).hexdigest()


def original(variant: str, workerd: Path) -> type:
    """The worker's class, run by workerd."""
    module = Module("worker.js", "esModule", path_of(variant).read_bytes())
    bundle = Bundle("worker.js", "modules", (module,), date="2024-01-01")
    return host_javascript(bundle, workerd, namespaces=("page_content",))
