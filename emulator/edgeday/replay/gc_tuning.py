"""How often a process that replays looks for reference cycles."""

from __future__ import annotations

import gc


def look_for_cycles_rarely() -> None:
    """Let the cyclic garbage collector run less often for the rest of this process.

    A replay makes many objects that live for a virtual day and hardly any cycle; with Python's defaults
    a fifth of its time goes into looking for them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
