"""Bytes in JavaScript: ArrayBuffer, DataView and typed arrays, all of them `JsBuffer`."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from edgeday.hosting.python_workers.proxies import Constructor, JsProxy

ITEM_CODES = {
    "Uint8Array": "B", "Uint8ClampedArray": "B", "Int8Array": "b", "Uint16Array": "H", "Int16Array": "h",
    "Uint32Array": "I", "Int32Array": "i", "Float32Array": "f", "Float64Array": "d", "BigInt64Array": "q",
    "BigUint64Array": "Q", "DataView": "B", "ArrayBuffer": "B",
}  # fmt: skip
"""JavaScript's classes of bytes, and the code that `array` has for one item of each."""

_CONSTRUCTORS = {name: Constructor(name) for name in ITEM_CODES}


class JsBuffer(JsProxy):
    """An ArrayBuffer or a view of one."""

    __slots__ = ("_bytes", "constructor")

    def __init__(self, data: Any, kind: str = "Uint8Array") -> None:
        self._bytes = data
        self.constructor = _CONSTRUCTORS[kind]

    @property
    def byteLength(self) -> int:
        """The length in bytes."""
        return len(self._bytes)

    @property
    def _size(self) -> int:
        return array(ITEM_CODES[self.constructor.name]).itemsize

    @property
    def length(self) -> int:
        """How many items there are."""
        return len(self._bytes) // self._size

    def __len__(self) -> int:
        return self.length

    @property
    def buffer(self) -> JsBuffer:
        """The ArrayBuffer of a view."""
        return JsBuffer(self._bytes, "ArrayBuffer")

    def _values(self) -> array[Any]:
        return array(ITEM_CODES[self.constructor.name], bytes(self._bytes))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values())

    def __getitem__(self, index: Any) -> Any:
        return self._values()[index]

    def _part(self, start: Any = None, end: Any = None) -> JsBuffer:
        """The items from start to end."""
        size = self._size
        start = None if start is None else start * size
        end = None if end is None else end * size
        return JsBuffer(bytes(self._bytes)[start:end], self.constructor.name)

    slice = subarray = _part

    def to_bytes(self) -> bytes:
        """A copy of the bytes."""
        return bytes(self._bytes)

    tobytes = to_bytes

    def to_memoryview(self) -> memoryview:
        """A copy, with the items of the typed array."""
        return memoryview(bytes(self._bytes)).cast("B").cast(ITEM_CODES[self.constructor.name])  # type: ignore[call-overload, no-any-return]

    def to_string(self, encoding: str | None = None) -> str:
        """The bytes decoded, UTF-8 unless another encoding is named."""
        return bytes(self._bytes).decode(encoding or "utf-8")

    def to_py(self, *, depth: int = -1, default_converter: Any = None) -> memoryview:
        """As `to_memoryview`."""
        return self.to_memoryview()
