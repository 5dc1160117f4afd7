"""What files of JavaScript workers are called."""

from __future__ import annotations

from pathlib import Path

SCRIPTS = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
"""The endings of files in JavaScript or TypeScript."""
BUNDLE = ".bundle"
"""The ending of what wrangler makes of them."""


def is_javascript(main: Path) -> bool:
    """Whether a worker's file is JavaScript or TypeScript, or a bundle of them."""
    return main.suffix.lower() in SCRIPTS or main.suffix == BUNDLE
