"""The result of a list call, which knows of the trap in it: `page.keys` is dict's method, not the keys.

On Cloudflare `for key in page.keys` is a TypeError of Python's, and `if page.keys` is true of an empty page.
Both are so here, and are reported besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from edgeday.invocation import current_invocation
from edgeday.web.js_dict import JsDict

DIAGNOSTIC = "kv-keys-method"
TEXT = 'page.keys is the method of a dict, not the keys of the page, which are page["keys"]'


class _KeysMethod:
    """The method `keys` of a page: used as if it were data, it does what Python's own method does."""

    __slots__ = ("_page",)

    def __init__(self, page: ListResult) -> None:
        self._page = page

    def __call__(self) -> Any:
        return dict.keys(self._page)

    def __repr__(self) -> str:
        return f"<method 'keys' of {type(self._page).__name__}>"

    def __bool__(self) -> bool:
        _diagnose()
        return True

    def __iter__(self) -> NoReturn:
        raise _misused("'builtin_function_or_method' object is not iterable")

    def __getitem__(self, _index: object) -> NoReturn:
        raise _misused("'builtin_function_or_method' object is not subscriptable")

    def __len__(self) -> NoReturn:
        raise _misused("object of type 'builtin_function_or_method' has no len()")


class ListResult(JsDict):
    """One page of keys: {"keys", "list_complete", "cursor"?, "cacheStatus"}."""

    __slots__ = ()

    if not TYPE_CHECKING:  # to a type checker it is the method that it is to a worker
        keys = property(_KeysMethod)


def _misused(text: str) -> TypeError:
    """Report the use of `page.keys` as data; the error that it is."""
    _diagnose()
    error = TypeError(text)
    error.add_note(TEXT)
    return error


def _diagnose() -> None:
    invocation = current_invocation()
    if invocation is not None:
        invocation.diagnose(DIAGNOSTIC, TEXT)
