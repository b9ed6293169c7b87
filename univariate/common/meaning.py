"""What a function of the user's computes, as a digest: results that are kept know which function
made them.

Read are the definition of the function and, transitively, the functions, classes and values of the
user's own code that it names. Formatting, comments, docstrings, annotations of arguments and the
version of Python change nothing. Installed packages count by names. Values count if they are
numbers, texts, arrays, containers of these, or objects of the user's own classes, all others by
their types; so does what a function changes itself, as a list that it appends to. Modules that a
function imports when it runs are not followed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cached_property, partial
from hashlib import blake2b
from inspect import getattr_static
from pathlib import PurePath
from types import EllipsisType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from univariate.common.definitions import Definitions, canonical, chains, changed, global_names
from univariate.common.fingerprint import UNKNOWN
from univariate.common.own_code import (
    MISSING,
    enclosed,
    enclosing,
    file_of,
    globals_of,
    innermost,
    is_installed,
    is_library,
)

_PLAIN: Final = (
    *(bool, int, float, complex, str, bytes, type(None), EllipsisType, range, slice),
    *(Fraction, Decimal),
)


def meaning(function: object) -> str:
    """Return the digest of a function, a method, a `partial`, a class or an object that is called.

    It is two hashes, of definitions and of values. `UNKNOWN` where there is no definition: of
    compiled functions, and of those whose source is not kept or has changed since it was run.
    """
    reader = _Reader(function)
    try:
        known = reader.read(function)
    except RecursionError:
        known = False
    return f"{reader.definitions.hexdigest()}-{reader.values.hexdigest()}" if known else UNKNOWN


def difference(before: str, now: str) -> str:
    """Return in words what differs between the digests of two functions; "" if nothing does, or
    one is unknown.
    """
    if UNKNOWN in {before, now} or before == now:
        return ""
    if before.partition("-")[0] == now.partition("-")[0]:
        return "a value that it uses"
    return "its definition, or one that it names"


class _Reader:
    """Reads one function; `read` says whether there is a definition, or a name that stands for
    one.
    """

    def __init__(self, root: object) -> None:
        self.definitions = blake2b(digest_size=8)
        self.values = blake2b(digest_size=8)
        self._known = Definitions()
        self._met: dict[int, int] = {}
        self._open: set[int] = set()  # containers around the value that is read
        inner = innermost(root)
        self._file = file_of(inner)
        self._globals = globals_of(inner)

    def read(self, value: Any, *, state: bool = False) -> bool:
        """Read whatever a name stands for; of what is state the type."""
        if isinstance(value, FunctionType):
            return self._once(value, self._function)
        if isinstance(value, type):
            return self._once(value, self._class)
        if isinstance(value, ModuleType):
            self._define("module", value.__name__)
            return False
        if isinstance(value, MethodType):
            self.read(value.__self__, state=state)
            return self.read(value.__func__)
        if state:
            self._define("state", type(value).__qualname__)
            return False
        if isinstance(value, partial):
            self._items([*value.args, value.keywords])
            return self.read(value.func)
        if isinstance(value, Enum):
            self.read(type(value))
            return self.read(value.value)
        return self._plain(value) or self._container(value) or self._once(value, self._object)

    def _define(self, *words: str) -> None:
        _add(self.definitions, words)

    def _plain(self, value: Any) -> bool:
        """Read a number, a text or an array; whether it is one."""
        if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
            _add(self.values, (value.dtype.str, repr(value.shape)))
            self.values.update(np.ascontiguousarray(value).tobytes())
            return True
        found = type(value) in _PLAIN or isinstance(value, PurePath)
        if found:
            _add(self.values, (type(value).__name__, repr(value)))
        return found

    def _container(self, value: Any) -> bool:
        """Read a list, tuple, set, mapping or array of objects; whether it is one."""
        if not isinstance(value, list | tuple | set | frozenset | Mapping | np.ndarray):
            return False
        self._define(type(value).__qualname__)
        if id(value) in self._open:  # it contains itself
            return True
        self._open.add(id(value))
        if isinstance(value, Mapping):
            self._items(part for key in sorted(value, key=repr) for part in (key, value[key]))
        else:
            self._items(sorted(value, key=repr) if isinstance(value, set | frozenset) else value)
        self._open.discard(id(value))
        return True

    def _items(self, values: Iterable[Any]) -> None:
        parts = list(values)
        _add(self.values, (str(len(parts)),))
        for one in parts:
            self.read(one)

    def _once(self, value: Any, read: Callable[[Any], bool]) -> bool:
        """Read what may name itself, once."""
        if id(value) in self._met:
            self._define("again", str(self._met[id(value)]))
            return True
        self._met[id(value)] = len(self._met)
        return read(value)

    def _function(self, function: FunctionType) -> bool:
        wrapped = getattr(function, "__wrapped__", None)
        if not self._own(function.__code__.co_filename):
            self._define("function", function.__module__ or "", function.__code__.co_qualname)
            return self.read(wrapped) if callable(wrapped) else True
        node = self._known.of(function)
        if node is None:
            self._define("unread", function.__qualname__)
            return self.read(wrapped) if callable(wrapped) else False
        self._define("function", canonical(node))
        states = changed(node)
        cells = enclosed(function)
        asked = global_names(function.__code__)
        for chain in chains(node):
            name = chain[0]
            value = cells.get(name, MISSING)
            if name not in cells and name in asked:
                value = function.__globals__.get(name, MISSING)
            self._named(chain, value, name in states)
        self._defaults(function, states)
        return True

    def _defaults(self, function: FunctionType, states: set[str]) -> None:
        code = function.__code__
        values = function.__defaults__ or ()
        names = code.co_varnames[code.co_argcount - len(values) : code.co_argcount]
        found = [*zip(names, values, strict=True), *(function.__kwdefaults__ or {}).items()]
        for name, value in found:
            self.read(value, state=name in states)

    def _class(self, kind: type) -> bool:
        file = self._file_of(kind)
        if file is None or not self._own(file):
            self._define("class", kind.__module__, kind.__qualname__)
            return file is not None
        node = self._known.of_class(kind, file)
        if node is None:
            self._define("unread", kind.__qualname__)
            return False
        self._define("class", canonical(node))
        states = changed(node)
        names = {**(globals_of(kind) or self._globals), **enclosing(kind)}
        for chain in chains(node):
            self._named(chain, names.get(chain[0], MISSING), chain[0] in states)
        return True

    def _named(self, chain: tuple[str, ...], value: Any, state: bool) -> None:
        """Read what a name with attributes stands for, through modules of the user's."""
        depth = 1
        while isinstance(value, ModuleType) and depth < len(chain):
            if not self._own(getattr(value, "__file__", None) or "<frozen>"):
                break
            value = getattr(value, chain[depth], MISSING)
            depth += 1
        if value is not MISSING:
            self._define("name", *chain[:depth])
            self.read(value, state=state)

    def _object(self, value: Any) -> bool:
        """Read an object: its class, and its attributes where that is the user's or a record."""
        kind = type(value)
        found = self.read(kind)
        attributes = getattr(value, "__dict__", {})
        if callable(attributes.get("__wrapped__")):
            return self.read(attributes["__wrapped__"])
        file = self._file_of(kind)
        own = file is not None and self._own(file)
        if not own and not is_dataclass(kind):
            return False
        names = sorted(attributes)
        if is_dataclass(kind):
            names = [field.name for field in fields(kind)]
        node = self._known.of_class(kind, file) if own and file is not None else None
        states = set() if node is None else changed(node)
        for name in names:
            if not isinstance(getattr_static(kind, name, None), cached_property):
                self._define("attribute", name)
                self.read(getattr(value, name, None), state=name in states)
        return found

    def _file_of(self, kind: type) -> str | None:
        """Return the file of a class; that of the function, for one that is run from there."""
        same = kind.__module__ == self._globals.get("__name__")
        return file_of(kind) or (self._file if same else None)

    def _own(self, file: str) -> bool:
        """Whether definitions of a file are read: it is the user's, or that of the function."""
        return not is_library(file) if file == self._file else not is_installed(file)


def _add(found: Any, words: Iterable[str]) -> None:
    for word in words:
        content = word.encode(errors="surrogatepass")
        found.update(len(content).to_bytes(8, "big") + content)
