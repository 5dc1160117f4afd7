"""JavaScript values as Pyodide shows them to Python, and the implicit conversions between the two.

Inside this layer undefined is None, null is `jsnull`, text, numbers and booleans are Python's (an integer of
2^53 - 1 or more is a BigInt), everything else is a JsProxy; a Python object that JavaScript holds is a
`PyProxy`. Values that hold others stand on this module, which makes some of them and so imports them late.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any, ClassVar

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.generations import current_generation
from edgeday.web.json_text import as_pyodide

if TYPE_CHECKING:
    from edgeday.hosting.python_workers.arrays import JsArray
    from edgeday.hosting.python_workers.containers import JsMap

MAX_SAFE_INTEGER = 2**53 - 1


class JsNull:
    """JavaScript's null; undefined is None."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "jsnull"

    def __bool__(self) -> bool:
        return False


jsnull = JsNull()

SCALARS = frozenset({str, int, float, bool, type(None), JsNull})
"""Types of values that are the same on both sides; so are their subclasses."""


class Constructor:
    """What `value.constructor` gives where the class itself is no global name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class _ProxyType(type):
    """All proxies have one name, also in Python's own errors: `'pyodide.ffi.JsProxy' object is ...`."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        return "JsException" if issubclass(cls, Exception) else "JsProxy"


def _name_in_errors(cls: type) -> None:
    cls.__module__ = "pyodide.ffi"
    cls.__qualname__ = cls.__name__
    type.__dict__["__name__"].__set__(cls, f"pyodide.ffi.{cls.__name__}")


class ToPython:
    """One call of `to_py`. converter: the caller's `default_converter`, or None."""

    __slots__ = ("cache", "converter", "null")

    def __init__(self, converter: Any) -> None:
        self.converter = converter
        self.cache: dict[int, Any] = {}
        self.null: Any = jsnull if current_generation.get().null_object else None

    def convert(self, value: Any, depth: int) -> Any:
        """A value and what it holds, `depth` levels of it (negative: all)."""
        kind = type(value)
        if kind in SCALARS:
            return as_pyodide(value) if kind is float else self.null if value is jsnull else value
        if not isinstance(value, JsProxy):
            return value
        if depth == 0:
            return out_of_js(value)
        known = self.cache.get(id(value), self)
        return value._as_python(self, depth - 1) if known is self else known

    def converted_by_caller(self, value: JsProxy, depth: int) -> Any:
        """What `default_converter(value, convert, cache)` makes of it."""
        if self.converter is None:
            return value
        return self.converter(value, lambda inner: self.convert(inner, depth), self.remember)

    def remember(self, value: Any, result: Any) -> None:
        """The result for a value, for wherever else it occurs."""
        self.cache[id(value)] = result


class JsProxy(metaclass=_ProxyType):
    """A JavaScript object. Subclasses name their JavaScript class in `js_class`."""

    __slots__ = ()
    js_class: ClassVar[str] = "Object"
    constructor: Any = Constructor("Object")
    __hash__: Any = None

    def __init_subclass__(cls, **_: Any) -> None:
        if "js_class" in cls.__dict__ and "constructor" not in cls.__dict__:
            cls.constructor = Constructor(cls.js_class)
        _name_in_errors(cls)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getattr__(self, name: str) -> Any:
        if name[-1] == "_" and iskeyword(name[:-1]):
            return getattr(self, name[:-1])
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
        """The value as Python's, as far as there is a counterpart; `depth` levels of it."""
        return ToPython(default_converter).convert(self, depth)

    def _as_python(self, conversion: ToPython, depth: int) -> Any:
        return conversion.converted_by_caller(self, depth)

    def _json(self) -> Any:
        """What JSON.stringify writes of it, as Python data: None for null, `NOTHING` for what is left out."""
        return {}

    def _member(self, name: str) -> Any:
        """`value[name]` as JavaScript reads it; undefined for what it has not."""
        return into_js(getattr(self, name, None))

    def _own(self) -> dict[str, Any]:
        """Its own enumerable members; what the web's classes have belongs to their prototypes."""
        return {}

    def toString(self) -> str:
        """JavaScript's text for the value."""
        return f"[object {self.constructor.name}]"

    def __repr__(self) -> str:
        return self.toString()

    def object_keys(self) -> JsArray:
        """`Object.keys(value)`."""
        from edgeday.hosting.python_workers.arrays import JsArray

        return JsArray(list(self._own()))

    def object_values(self) -> JsArray:
        """`Object.values(value)`."""
        from edgeday.hosting.python_workers.arrays import JsArray

        return JsArray(list(self._own().values()))

    def object_entries(self) -> JsArray:
        """`Object.entries(value)`."""
        from edgeday.hosting.python_workers.arrays import JsArray

        return JsArray([JsArray([key, value]) for key, value in self._own().items()])

    def as_object_map(self, *, hereditary: bool = False) -> JsMap:
        """The members as a mapping."""
        from edgeday.hosting.python_workers.containers import JsMap

        return JsMap(self._own())


_name_in_errors(JsProxy)

NOTHING = object()
"""In what becomes JSON: a function or undefined, which an object leaves out and an array has as null."""

_DOM_EXCEPTIONS = frozenset(
    {"AbortError", "TimeoutError", "DataCloneError", "InvalidCharacterError", "NotSupportedError",
     "QuotaExceededError", "TypeMismatchError"}
)  # fmt: skip


class JsException(JsProxy, Exception):
    """A JavaScript error that was thrown. Its text is `name: message`, as in JavaScript's toString()."""

    js_class = "Error"
    __hash__ = Exception.__hash__

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        self.message = message
        super(JsProxy, self).__init__(str(self))
        self.stack = f"{self}\n    at <anonymous>"

    @property
    def constructor(self) -> Constructor:
        """The error's class: that of its name, DOMException for the web's own."""
        return Constructor("DOMException" if self.name in _DOM_EXCEPTIONS else self.name)

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


_BORROWED = (
    "This borrowed proxy was automatically destroyed {when}\n"
    "For more information about the cause of this error, use `pyodide.setDebug(true)`"
)
AFTER_THE_CALL = "at the end of a function call. Try using create_proxy or create_once_callable."
AFTER_THE_ITERATION = "when an iterator was exhausted."


class PyProxy(JsProxy):
    """A Python object in JavaScript's hands; in Python's it is a JsDoubleProxy.

    One that a call made of its argument is borrowed: JavaScript has it until the call is over.
    """

    js_class = "PyProxy"
    __slots__ = ("_object",)
    _object: Any

    def __init__(self, value: Any) -> None:
        object.__setattr__(self, "_object", value)

    @property
    def type(self) -> str:
        """The name of the object's class."""
        return type(self._object).__name__

    def toString(self) -> str:
        """Python's text for the object."""
        return str(self._object)

    def __repr__(self) -> str:
        return str(self._object)

    def unwrap(self) -> Any:
        """The object itself."""
        return self._object

    def destroy(self) -> None:
        """Nothing is held."""

    def copy(self) -> PyProxy:
        """Another hold on the object."""
        return PyProxy(self._object)

    def getBuffer(self, *_: Any) -> Any:
        """The bytes of a bytes-like object, in `data`."""
        from edgeday.hosting.python_workers.buffers import PyBuffer

        return PyBuffer(bytes(self._object))

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self._object(*args, **keywords)

    def __getattr__(self, name: str) -> Any:
        held = self._object
        if name == "length" and hasattr(held, "__len__"):
            return len(held)
        if hasattr(held, "__getitem__"):
            if name == "get":
                return self._item
            if name == "has":
                return held.__contains__
        try:
            return getattr(held, name)
        except AttributeError:
            raise AttributeError(name) from None

    def _item(self, key: Any) -> Any:
        try:
            return self._object[key]
        except (LookupError, TypeError):
            return None

    def _as_python(self, conversion: ToPython, depth: int) -> Any:
        return self._object

    def _member(self, name: str) -> Any:
        held = self._object
        value = getattr(held, name, NOTHING)
        if value is not NOTHING:
            return into_js(value)
        readable = isinstance(held, dict) and current_generation.get().readable_dicts
        return into_js(held.get(name)) if readable else None

    def _own(self) -> dict[str, Any]:
        held = self._object
        if not isinstance(held, dict) or not current_generation.get().readable_dicts:
            return {}
        return {key: into_js(value) for key, value in held.items() if key not in _NAMES_OF_HELD_DICTS}

    def _json(self) -> Any:
        from edgeday.hosting.python_workers.conversions import as_json, elements

        held = self._object
        if callable(held):
            return NOTHING
        if isinstance(held, dict):
            members = {str(key): as_json(value) for key, value in self._own().items()}
            return {key: value for key, value in members.items() if value is not NOTHING}
        if isinstance(held, (list, tuple, bytes)) and current_generation.get().readable_lists:
            return [as_json(item) for item in list(elements(self))]
        return {}


_NAMES_OF_HELD_DICTS = frozenset(dir(dict)) | {
    "toString", "destroy", "toJs", "set", "delete", "has", "constructor", "asJsJson", "hasOwnProperty",
    "valueOf", "isPrototypeOf",
}  # fmt: skip
"""Items of a dict that JavaScript does not see: the proxy's own members hide them."""


class DestroyedProxy(JsProxy):
    """What is left of a borrowed PyProxy: every use of it throws. `_object`: when it was destroyed."""

    js_class = "PyProxy"
    __slots__ = ("_object",)
    _object: Any

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise JsException("Error", _BORROWED.format(when=self._object))

    __call__ = __getattr__ = __iter__ = __len__ = __getitem__ = _refuse
    toString = __str__ = __repr__ = _as_python = _member = _own = _json = _refuse


def give_back(borrowed: Any, when: str) -> None:
    """Destroy proxies that were borrowed."""
    for proxy in borrowed:
        if type(proxy) is PyProxy:
            object.__setattr__(proxy, "__class__", DestroyedProxy)
            proxy._object = when


IN_JAVASCRIPT = (JsProxy, str, int, float)
"""Types of values that need no proxy, with their subclasses."""


def into_js(value: Any) -> Any:
    """The implicit conversion of an argument: scalars and proxies as they are, the rest is held."""
    if type(value) in SCALARS or isinstance(value, IN_JAVASCRIPT):
        return value
    return PyProxy(value)


def lent(value: Any) -> Any:
    """A value that a method of JavaScript keeps longer than its call: a Python object is gone by then."""
    if type(value) in SCALARS or isinstance(value, IN_JAVASCRIPT):
        return value
    proxy = PyProxy(value)
    give_back([proxy], AFTER_THE_CALL)
    return proxy


def out_of_js(value: Any) -> Any:
    """The implicit conversion of a result: what Python gave comes back as it was."""
    kind = type(value)
    if kind is PyProxy:
        return value._object
    if value is jsnull:
        return value if current_generation.get().null_object else None
    if kind is float:
        return as_pyodide(value)
    if kind is DestroyedProxy:
        value._refuse()
    return value
