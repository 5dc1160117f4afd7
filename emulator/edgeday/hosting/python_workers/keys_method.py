"""The trap in a page of keys: `page.keys` is dict's method, not the keys, and as data it is a TypeError.

The SDK makes a page of its own, so the mistake is known only from the error that a handler ends with.
"""

from __future__ import annotations

import linecache
import traceback

from edgeday.call_site import is_user_code
from edgeday.invocation import current_invocation
from edgeday.kv.list_result import DIAGNOSTIC, TEXT

_METHOD = "builtin_function_or_method"


def report_misuse(error: TypeError) -> None:
    """Diagnose an error that comes of `page.keys` in the worker's code."""
    invocation = current_invocation()
    if invocation is None or _METHOD not in str(error):
        return
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if is_user_code(frame.filename)]
    if own and ".keys" in linecache.getline(own[-1].filename, own[-1].lineno or 0):
        error.add_note(TEXT)
        invocation.diagnose(DIAGNOSTIC, TEXT, f"{own[-1].filename}:{own[-1].lineno}")
