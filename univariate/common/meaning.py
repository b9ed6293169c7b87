"""What a function of the user's computes, as a digest: results that are kept know which function
made them.

Read are the definition of the function and, transitively, the functions, classes and values of the
user's own code that it names. Formatting, comments, docstrings, annotations of arguments and the
version of Python change nothing. Installed packages count by names. Values count if they are
numbers, texts, arrays, containers of these, or objects of the user's own classes. All others, and
what a function changes itself, as a list that it appends to, count by their types and by the text
that assigns them in the module. What that misses is seen by a third hash, of the whole sources: the
function's module and the user's own ones that it imports.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cached_property, partial
from inspect import getattr_static
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from univariate.common.definitions import (
    Definitions,
    canonical,
    chains,
    changed,
    global_names,
    imported,
)
from univariate.common.digest import Digest
from univariate.common.fingerprint import UNKNOWN
from univariate.common.own_code import (
    MISSING,
    enclosed,
    enclosing,
    file_of,
    file_of_module,
    globals_of,
    innermost,
    is_installed,
    is_library,
)

_CONTAINERS: Final = (list, tuple, set, frozenset, Mapping, np.ndarray)
_NONE: Final = frozenset[str]()


def meaning(function: object) -> str:
    """Return the digest of a function, a method, a `partial`, a class or an object that is called.

    It is three hashes, of definitions, of values and of whole sources. `UNKNOWN` where there is no
    definition: of compiled functions, and of those whose source is not kept or has changed since it
    was run.
    """
    reader = _Reader(function)
    try:
        known = reader.read(function)
        reader.read_sources()
    except RecursionError:
        known = False
    return str(reader.digest) if known else UNKNOWN


def difference(before: str, now: str) -> str:
    """Return in words what differs between the digests of two functions; "" if nothing does, or
    one is unknown.
    """
    if UNKNOWN in {before, now}:
        return ""
    pairs = [*zip(before.split("-"), now.split("-"), strict=False)][:2]
    same = [one == other for one, other in pairs]
    if all(same):
        return ""
    return "a value that it uses" if same[0] else "its definition, or one that it names"


def surroundings_differ(before: str, now: str) -> bool:
    """Whether functions are the same as far as is known, and their sources are not."""
    return before != now and UNKNOWN not in {before, now} and not difference(before, now)


class _Reader:
    """Reads one function; `read` says whether there is a definition, or a name that stands for
    one.
    """

    def __init__(self, root: object) -> None:
        self.digest = Digest()
        self._known = Definitions()
        self._met: dict[int, int] = {}
        self._open: set[int] = set()  # containers around the value that is read
        self._by_type = 0  # how many values have counted by their types alone
        inner = innermost(root)
        self._file = file_of(inner)
        self._globals = globals_of(inner)

    def read(self, value: Any, name: str = "", states: Set[str] = _NONE) -> bool:
        """Read whatever a name stands for; where that is among the states the type, unless it is an
        object that knows by itself what changes.
        """
        if isinstance(value, FunctionType):
            return self._once(value, self._function)
        if isinstance(value, type):
            return self._once(value, self._class)
        if isinstance(value, np.ufunc):
            self.digest.define("function", "numpy", value.__name__)
            return False
        if isinstance(value, BuiltinFunctionType) and isinstance(
            value.__self__, ModuleType | type | None
        ):
            self.digest.define("function", str(value.__module__), value.__qualname__)
            return False
        if isinstance(value, ModuleType):
            self.digest.define("module", value.__name__)
            return False
        if isinstance(value, MethodType):
            self.read(value.__self__, name, states)
            return self.read(value.__func__)
        container = isinstance(value, _CONTAINERS)
        if name in states and (container or not self._own_class(type(value))):
            return self._type_of(value)
        if isinstance(value, partial):
            self._items([*value.args, value.keywords])
            return self.read(value.func)
        if isinstance(value, Enum):
            self.read(type(value))
            return self.read(value.value)
        if self.digest.value(value) or (container and self._container(value)):
            return True
        return self._once(value, partial(self._object, states=states))

    def read_sources(self) -> None:
        """Read the module of the function, and the user's own ones that it and they import."""
        todo = [str(self._globals.get("__name__", ""))]
        met: set[str] = set()
        while todo:
            name = todo.pop()
            module = sys.modules.get(name)
            file = self._file if not met else None
            if met and module is not None:
                file = file_of_module(module)
            if name in met or file is None or not self._own(file):
                continue
            met.add(name)
            tree = self._known.whole(file)
            if tree is not None:
                self.digest.source(canonical(tree))
                package = getattr(module, "__package__", None) or ""
                todo += sorted(imported(tree, package), reverse=True)

    def _type_of(self, value: Any) -> bool:
        self.digest.define("type", type(value).__module__, type(value).__qualname__)
        self._by_type += 1
        return False

    def _container(self, value: Any) -> bool:
        """Read a list, tuple, set, mapping or array of objects."""
        self.digest.define(type(value).__qualname__)
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
        self.digest.count(len(parts))
        for one in parts:
            self.read(one)

    def _once(self, value: Any, read: Callable[[Any], bool]) -> bool:
        """Read what may name itself, once."""
        if id(value) in self._met:
            self.digest.define("again", str(self._met[id(value)]))
            return True
        self._met[id(value)] = len(self._met)
        return read(value)

    def _function(self, function: FunctionType) -> bool:
        wrapped = getattr(function, "__wrapped__", None)
        if not self._own(function.__code__.co_filename):
            self.digest.define("function", function.__module__ or "", function.__code__.co_qualname)
            return self.read(wrapped) if callable(wrapped) else True
        node = self._known.of(function)
        if node is None:
            self.digest.define("unread", function.__qualname__)
            return self.read(wrapped) if callable(wrapped) else False
        self.digest.define("function", canonical(node))
        states = changed(node)
        cells = enclosed(function)
        asked = global_names(function.__code__)
        for chain in chains(node):
            name = chain[0]
            if name in cells:
                self._named(chain, cells[name], states)
            elif name in asked:
                self._global(chain, function.__globals__, function.__code__.co_filename, states)
        self._defaults(function, states)
        return True

    def _defaults(self, function: FunctionType, states: set[str]) -> None:
        code = function.__code__
        values = function.__defaults__ or ()
        names = code.co_varnames[code.co_argcount - len(values) : code.co_argcount]
        found = [*zip(names, values, strict=True), *(function.__kwdefaults__ or {}).items()]
        for name, value in found:
            self.read(value, name, states)

    def _class(self, kind: type) -> bool:
        file = self._file_of(kind)
        if file is None or not self._own(file):
            self.digest.define("class", kind.__module__, kind.__qualname__)
            return file is not None
        node = self._known.of_class(kind, file)
        if node is None:
            self.digest.define("unread", kind.__qualname__)
            return False
        self.digest.define("class", canonical(node))
        states = changed(node)
        cells = enclosing(kind)
        for chain in chains(node):
            if chain[0] in cells:
                self._named(chain, cells[chain[0]], states)
            else:
                self._global(chain, globals_of(kind) or self._globals, file, states)
        return True

    def _global(
        self, chain: tuple[str, ...], names: Mapping[str, Any], file: str, states: Set[str]
    ) -> None:
        """Read what a name of a module stands for; what counts by its type also by its text."""
        before = self._by_type
        self._named(chain, names.get(chain[0], MISSING), states)
        if self._by_type > before:
            for node in self._known.assigned(chain[0], file):
                self.digest.define("assigned", canonical(node))
                for other in chains(node):
                    if other[0] != chain[0]:
                        self._named(other, names.get(other[0], MISSING), _NONE)

    def _named(self, chain: tuple[str, ...], value: Any, states: Set[str]) -> None:
        """Read what a name with attributes stands for, through modules of the user's."""
        depth = 1
        while isinstance(value, ModuleType) and depth < len(chain):
            if not self._own(file_of_module(value)):
                break
            value = getattr(value, chain[depth], MISSING)
            depth += 1
        if value is not MISSING:
            self.digest.define("name", *chain[:depth])
            self.read(value, chain[0] if depth == 1 else f".{chain[depth - 1]}", states)

    def _object(self, value: Any, states: Set[str]) -> bool:
        """Read an object: its class, and its attributes where that is the user's or a record."""
        kind = type(value)
        found = self.read(kind)
        attributes = getattr(value, "__dict__", {})
        if callable(attributes.get("__wrapped__")):
            return self.read(attributes["__wrapped__"])
        own = self._own_class(kind)
        if not own and not is_dataclass(kind):
            return self._type_of(value)
        names = sorted(attributes)
        if is_dataclass(kind):
            names = [field.name for field in fields(kind)]
        file = self._file_of(kind)
        node = self._known.of_class(kind, file) if own and file is not None else None
        states = states if node is None else states | changed(node)
        for name in names:
            cached = isinstance(getattr_static(kind, name, None), cached_property)
            held = getattr(value, name, None)
            if not cached and (f".{name}" not in states or self._own_class(type(held))):
                self.digest.define("attribute", name)
                self.read(held)
        return found

    def _own_class(self, kind: type) -> bool:
        file = self._file_of(kind)
        return file is not None and self._own(file)

    def _file_of(self, kind: type) -> str | None:
        """Return the file of a class; that of the function, for one that is run from there."""
        same = kind.__module__ == self._globals.get("__name__")
        return file_of(kind) or (self._file if same else None)

    def _own(self, file: str) -> bool:
        """Whether definitions of a file are read: it is the user's, or that of the function."""
        return not is_library(file) if file == self._file else not is_installed(file)
