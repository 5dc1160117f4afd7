"""Bytes in JavaScript: ArrayBuffer, DataView and typed arrays, all `JsBuffer`; views share their bytes."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any

from edgeday.errors import PlatformRangeError
from edgeday.hosting.python_workers.proxies import Constructor, JsProxy, PyProxy, ToPython
from edgeday.web.javascript import to_number, to_string
from edgeday.web.json_text import as_pyodide

ITEM_CODES = {
    "Uint8Array": "B", "Uint8ClampedArray": "B", "Int8Array": "b", "Uint16Array": "H", "Int16Array": "h",
    "Uint32Array": "I", "Int32Array": "i", "Float32Array": "f", "Float64Array": "d", "BigInt64Array": "q",
    "BigUint64Array": "Q", "DataView": "B", "ArrayBuffer": "B",
}  # fmt: skip
"""JavaScript's classes of bytes, and the code that `struct` has for one item of each."""
ITEM_BYTES = {kind: struct.calcsize("<" + code) for kind, code in ITEM_CODES.items()}

_CONSTRUCTORS = {name: Constructor(name) for name in ITEM_CODES}
_RAW = ("ArrayBuffer", "DataView")
_GETTERS = {
    f"{prefix}{kind.removesuffix('Array')}": ITEM_CODES[kind]
    for prefix in ("get", "set")
    for kind in ITEM_CODES
    if kind not in (*_RAW, "Uint8ClampedArray")
}


class JsBuffer(JsProxy):
    """An ArrayBuffer or a view of one. `_bytes`: bytes, a bytearray or a memoryview of what it covers."""

    __slots__ = ("_bytes", "_kind")

    def __init__(self, data: Any, kind: str = "Uint8Array") -> None:
        self._bytes = data
        self._kind = kind

    @property
    def constructor(self) -> Constructor:
        """The class of the buffer or view."""
        return _CONSTRUCTORS[self._kind]

    def _memory(self) -> memoryview:
        """The bytes, to be changed in place."""
        if isinstance(self._bytes, bytes):
            self._bytes = bytearray(self._bytes)
        return memoryview(self._bytes)

    def _items(self) -> memoryview:
        return self._memory().cast(ITEM_CODES[self._kind])  # type: ignore[call-overload, no-any-return]

    @property
    def byteLength(self) -> int:
        """The length in bytes."""
        return len(self._bytes)

    @property
    def byteOffset(self) -> int:
        """Where the view begins; views here carry their own bytes."""
        return 0

    @property
    def BYTES_PER_ELEMENT(self) -> int:
        """The length of one item in bytes."""
        return ITEM_BYTES[self._kind]

    @property
    def buffer(self) -> JsBuffer:
        """The ArrayBuffer of a view."""
        return JsBuffer(self._memory(), "ArrayBuffer")

    def __len__(self) -> int:
        if self._kind in _RAW:
            raise TypeError("object of type 'pyodide.ffi.JsProxy' has no len()")
        return len(self._bytes) // ITEM_BYTES[self._kind]

    def __bool__(self) -> bool:
        return self._kind in _RAW or len(self._bytes) > 0

    def __getattr__(self, name: str) -> Any:
        if name == "length" and self._kind not in _RAW:
            return len(self)
        if self._kind == "DataView" and name in _GETTERS:
            return self._reader(name) if name.startswith("get") else self._writer(name)
        return super().__getattr__(name)

    def _reader(self, name: str) -> Any:
        def read(offset: int, little: bool = False) -> Any:
            return as_pyodide(self._at(name, offset, little).unpack_from(self._bytes, offset)[0])

        return read

    def _writer(self, name: str) -> Any:
        def write(offset: int, value: Any, little: bool = False) -> None:
            self._at(name, offset, little).pack_into(self._memory(), offset, _fitting(value, _GETTERS[name]))

        return write

    def _at(self, name: str, offset: int, little: bool) -> struct.Struct:
        item = struct.Struct(("<" if little else ">") + _GETTERS[name])
        if not 0 <= offset <= len(self._bytes) - item.size:
            raise PlatformRangeError("Offset is outside the bounds of the DataView")
        return item

    def __iter__(self) -> Iterator[Any]:
        if self._kind in _RAW:
            raise TypeError("'pyodide.ffi.JsProxy' object is not iterable")
        return iter([as_pyodide(item) for item in self._items()])

    def __getitem__(self, index: Any) -> Any:
        items = self._items()[index]
        return JsBuffer(bytearray(items), self._kind) if isinstance(index, slice) else as_pyodide(items)

    def __setitem__(self, index: int, value: Any) -> None:
        self._items()[index] = _fitting(value, ITEM_CODES[self._kind], clamped="Clamped" in self._kind)

    def _bounds(self, start: int | None, end: int | None) -> slice:
        size = ITEM_BYTES[self._kind]
        first, last, _ = slice(start, end).indices(len(self._bytes) // size)
        return slice(first * size, max(first, last) * size)

    def slice(self, start: int | None = None, end: int | None = None) -> JsBuffer:
        """A copy of the items from start to end."""
        return JsBuffer(bytearray(self._bytes[self._bounds(start, end)]), self._kind)

    def subarray(self, start: int | None = None, end: int | None = None) -> JsBuffer:
        """A view of the items from start to end."""
        return JsBuffer(self._memory()[self._bounds(start, end)], self._kind)

    def set(self, source: Any, offset: int = 0) -> None:
        """Copy items in."""
        values = list(source._object if type(source) is PyProxy else source)
        if offset + len(values) > len(self):
            raise PlatformRangeError("offset is out of bounds")
        for index, value in enumerate(values, offset):
            self[index] = value

    def fill(self, value: Any, start: int | None = None, end: int | None = None) -> JsBuffer:
        """Put one value everywhere from start to end."""
        for index in range(*slice(start, end).indices(len(self))):
            self[index] = value
        return self

    def at(self, index: int) -> Any:
        """The item at an index, from the end if it is negative; undefined outside."""
        return self[index] if -len(self) <= index < len(self) else None

    def indexOf(self, value: Any) -> int:
        """Where the first equal item is; else -1."""
        return next((index for index, item in enumerate(self) if item == value), -1)

    def includes(self, value: Any) -> bool:
        """Whether an item is equal."""
        return value in list(self)

    def join(self, by: str = ",") -> str:
        """The items' texts."""
        return by.join(to_string(item) for item in self)

    def toString(self) -> str:
        """The items with commas between them."""
        return super().toString() if self._kind in _RAW else self.join()

    def _own(self) -> dict[str, Any]:
        return {} if self._kind in _RAW else {str(index): item for index, item in enumerate(self)}

    def _json(self) -> Any:
        return self._own()

    # Pyodide's

    def to_bytes(self) -> bytes:
        """A copy of the bytes."""
        return bytes(self._bytes)

    def to_memoryview(self) -> memoryview:
        """A copy, with the items of the typed array."""
        return memoryview(bytes(self._bytes)).cast(ITEM_CODES[self._kind])  # type: ignore[call-overload, no-any-return]

    def to_string(self, encoding: str | None = None) -> str:
        """The bytes decoded, UTF-8 unless another encoding is named."""
        return bytes(self._bytes).decode(encoding or "utf-8", "replace")

    def assign(self, source: Any) -> None:
        """Copy the bytes of a Python object in. Raises ValueError if their number is another."""
        data = bytes(source)
        if len(data) != len(self._bytes):
            raise ValueError("cannot assign from a buffer of another size")
        self._memory()[:] = data

    def assign_to(self, target: Any) -> None:
        """Copy the bytes to a Python object that can be written to."""
        memoryview(target).cast("B")[:] = self._bytes

    def _as_python(self, conversion: ToPython, depth: int) -> memoryview:
        return self.to_memoryview()


class PyBuffer(JsProxy):
    """What `getBuffer` gives: the bytes of a Python object."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = JsBuffer(data)

    def release(self) -> None:
        """Nothing is held."""


def _fitting(value: Any, code: str, *, clamped: bool = False) -> Any:
    """A value as an item: fractions are cut, what is too large wraps round, or stops at the ends."""
    if code in "fd":
        return to_number(value)
    if isinstance(value, int):
        whole = value
    else:
        amount = to_number(value)
        whole = int(amount) if abs(amount) < 2**63 else 0
        if clamped and not math.isnan(amount):
            whole = round(max(0, min(255, amount)))
    if clamped:
        return max(0, min(255, whole))
    bits = 8 * struct.calcsize("<" + code)
    whole &= (1 << bits) - 1
    return whole - (1 << bits) if code.islower() and whole >> (bits - 1) else whole


def typed_array(kind: str, values: Any) -> JsBuffer:
    """A typed array of values."""
    code, clamped = ITEM_CODES[kind], "Clamped" in kind
    data = [_fitting(value, code, clamped=clamped) for value in values]
    return JsBuffer(bytearray(struct.pack(f"<{len(data)}{code}", *data)), kind)
