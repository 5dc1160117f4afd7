"""The trap in a page of keys: `page.keys` is dict's method, not the keys, and as data it is a TypeError.

The SDK makes a page of its own, so the mistake is known only from the error that a handler ends with.
"""

from __future__ import annotations

import linecache

from edgeday.call_site import error_call_site
from edgeday.invocation import current_invocation
from edgeday.kv.list_result import DIAGNOSTIC, TEXT

_METHOD = "builtin_function_or_method"


def report_misuse(error: TypeError) -> None:
    """Diagnose an error that comes of `page.keys` in the worker's code."""
    invocation = current_invocation()
    if invocation is None or _METHOD not in str(error):
        return
    site = error_call_site(error)
    if ".keys" in linecache.getline(site.file, site.line):
        error.add_note(TEXT)
        invocation.diagnose(DIAGNOSTIC, TEXT, site.place)
