"""JavaScript values as Pyodide shows them to Python, and Python objects that JavaScript holds.

Inside this layer undefined is None, null is `jsnull`, text, numbers and booleans are Python's, everything
else is a JsProxy; a Python object that JavaScript holds is a `PyProxy`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from edgeday.errors import PlatformError

if TYPE_CHECKING:
    from edgeday.hosting.python_workers.buffers import JsBuffer
    from edgeday.hosting.python_workers.containers import JsArray


class JsNull:
    """JavaScript's null; undefined is None."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "jsnull"

    def __bool__(self) -> bool:
        return False


jsnull = JsNull()


class Constructor:
    """What `value.constructor` gives where the class itself is no global name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class JsProxy:
    """A JavaScript object. Subclasses name their JavaScript class in `js_class`."""

    __slots__ = ()
    js_class: ClassVar[str] = "Object"
    constructor: Any = Constructor("Object")

    def __init_subclass__(cls, **_: Any) -> None:
        if "js_class" in cls.__dict__:
            cls.constructor = Constructor(cls.js_class)
        cls.__module__ = "pyodide.ffi"
        if not issubclass(cls, Exception):
            cls.__name__ = "JsProxy"  # under Pyodide all of them are

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    @property
    def typeof(self) -> str:
        """What JavaScript's `typeof` says."""
        return "object"

    @property
    def js_id(self) -> int:
        """A number that is this object's alone."""
        return id(self)

    def to_py(self, *, depth: int = -1, default_converter: Any = None) -> Any:
        """The value as Python's, as far as there is a counterpart."""
        from edgeday.hosting.python_workers.conversions import to_py

        return to_py(self, default_converter)

    def toString(self) -> str:
        """JavaScript's text for the value."""
        return f"[object {self.constructor.name}]"

    def __repr__(self) -> str:
        return self.toString()

    def object_keys(self) -> JsArray:
        """`Object.keys(value)`; what the web's own classes have are no members of their own."""
        from edgeday.hosting.python_workers.containers import JsArray

        return JsArray()


class JsException(JsProxy, Exception):
    """A JavaScript error that was thrown. Its text is `name: message`, as in JavaScript's toString()."""

    js_class = "Error"

    def __init__(self, name: str, message: str) -> None:
        Exception.__init__(self, message)
        self.name = name
        self.message = message
        self.stack = f"{name}: {message}\n    at <anonymous>"

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name

    def toString(self) -> str:
        """The error's name and message."""
        return str(self)

    def __repr__(self) -> str:
        return str(self)


def thrown(error: PlatformError) -> JsException:
    """A platform error as Python code sees it through Pyodide."""
    return JsException(error.name, error.message)


class PyBuffer(JsProxy):
    """What `getBuffer` gives: the bytes of a Python object."""

    __slots__ = ("data",)

    def __init__(self, data: JsBuffer) -> None:
        self.data = data

    def release(self) -> None:
        """Nothing is held."""


class PyProxy(JsProxy):
    """A Python object in JavaScript's hands; in Python's it is a JsDoubleProxy."""

    js_class = "PyProxy"
    __slots__ = ("_object",)

    def __init__(self, value: Any) -> None:
        self._object = value

    def toString(self) -> str:
        """Python's text for the object."""
        return str(self._object)

    def unwrap(self) -> Any:
        """The object itself."""
        return self._object

    def destroy(self) -> None:
        """Nothing is held."""

    def copy(self) -> PyProxy:
        """Another hold on the object."""
        return self

    def getBuffer(self, *_: Any) -> PyBuffer:
        """The bytes of a bytes-like object."""
        from edgeday.hosting.python_workers.buffers import JsBuffer

        return PyBuffer(JsBuffer(bytes(self._object)))

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self._object(*args, **keywords)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._object, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._object)


SCALARS = (str, int, float, bool, type(None), JsNull)
"""Types of values that are the same on both sides."""


def into_js(value: Any) -> Any:
    """The implicit conversion of an argument: scalars and proxies as they are, the rest is held."""
    if isinstance(value, (*SCALARS, JsProxy)):
        return value
    return PyProxy(value)


def out_of_js(value: Any) -> Any:
    """The implicit conversion of a result: what Python gave comes back as it was."""
    return value._object if type(value) is PyProxy else value


def invoke(function: Any, *args: Any) -> Any:
    """Call a function that JavaScript was given."""
    target = function._object if isinstance(function, PyProxy) else function
    return target(*(out_of_js(value) for value in args))


async def settled(value: Any) -> Any:
    """A value, or what a promise or a coroutine comes to."""
    if type(value) is PyProxy:
        value = value._object
    return await value if hasattr(value, "__await__") else value
