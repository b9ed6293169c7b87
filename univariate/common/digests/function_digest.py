"""What a function of the user's computes, as a digest: results that are kept know which function
made them.

Read are the definition of the function and, transitively, the functions, classes and values of the
user's own code that it names. Formatting, comments, docstrings, annotations of arguments and the
version of Python change nothing. Installed packages count by names. Values, also those that a
function or a class was given as attributes, count if they are numbers, texts, arrays, containers of
these, functions, or objects of the user's own classes; objects of others by what they are made of,
where that is known (`digests.parts`). All others, and what a function changes itself, as a list
that it appends to, count by their types and by the text that assigns them in the module.
What that misses is seen by a third hash, of the whole sources: the function's module and the user's
own ones that it imports, wherever it does.
"""

import ast
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from copy import copy
from dataclasses import is_dataclass
from enum import Enum
from functools import cached_property, partial
from inspect import getattr_static
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final, NamedTuple

import numpy as np

from univariate.common.digests.definitions import Definitions, asked, global_names
from univariate.common.digests.digest import Digest, with_more
from univariate.common.digests.hidden import generator, is_elsewhere, is_reading, reading
from univariate.common.digests.members import attributes, given, in_order
from univariate.common.digests.own_code import (
    MISSING,
    NAMESPACES,
    Home,
    enclosed,
    enclosing,
    globals_of,
    is_made_here,
    words_of,
)
from univariate.common.digests.parts import attributes_beside, parts
from univariate.common.digests.sources import sources
from univariate.common.digests.syntax import canonical, chains, changed
from univariate.common.digests.told import attributes_without_text, untold
from univariate.common.fingerprint import UNKNOWN

Holder = tuple[FunctionType | type, ast.AST]
"""A function or a class, which holds attributes, and its definition."""

_CONTAINERS: Final = (list, tuple, set, frozenset, Mapping, np.ndarray)
_NONE: Final = frozenset[str]()


class Meaning(NamedTuple):
    """What is known of a function: its digest, by name the generators of random numbers that it
    holds, and the names of what it reads files, the environment or the command line by.
    """

    digest: str
    generators: tuple[tuple[str, Any], ...] = ()
    reading: tuple[str, ...] = ()


def meaning(function: object) -> str:
    """Return the digest of a function, a method, a `partial`, a class or an object that is called;
    see `meaning_of`.
    """
    return meaning_of(function).digest


def meaning_of(function: object) -> Meaning:
    """Return the digest of a function, and what that cannot know.

    It is four hashes, of definitions, of values, of whole sources, and of what is read besides:
    attributes that are no data, and what objects of other people's classes are made of. Three more
    follow where definitions were run in blocks, which older digests lack: `digest.with_more`.
    `UNKNOWN` where there is no definition: of compiled functions, and of those whose source is not
    kept or has changed since it was run.
    """
    early = Meaning(UNKNOWN)
    try:
        early, is_all = _meaning(function, by_blocks=False)
        if is_all:
            return early
        full, _ = _meaning(function, by_blocks=True)
    except RecursionError:
        return early
    return full._replace(digest=with_more(early.digest, full.digest))


def _meaning(function: object, *, by_blocks: bool) -> tuple[Meaning, bool]:
    """Return what is known of a function, and whether all that was looked for was found."""
    states: Set[str] = _NONE
    while True:
        reader = _Reader(function, states, by_blocks=by_blocks)
        known = reader.read(function)
        reader.read_given()
        reader.read_sources()
        reader.read_besides()
        # what is read last may change what was read before
        if reader.states <= states:
            digest = str(reader.digest) if known else UNKNOWN
            found = Meaning(digest, tuple(reader.generators), tuple(sorted(reader.reading)))
            return found, not reader.definitions.is_missing
        states = reader.states


class _Reader:
    """Reads one function; `read` says whether there is a definition, or a name that stands for
    one.
    """

    def __init__(self, root: object, states: Set[str], *, by_blocks: bool) -> None:
        self.digest = Digest()
        self.definitions = Definitions(by_blocks=by_blocks)
        self._met: dict[int, int] = {}
        self._open: set[int] = set()  # containers around the value that is read
        self._by_type = 0  # how many values have counted by their types alone
        self._home = Home(root)
        self.states: set[str] = set()  # of all functions and classes
        self._known_states = states  # those that are found in the end
        self._holders: list[Holder] = []  # whose attributes are left
        self._besides: list[list[Any]] | None = []  # values that are left; None once they are read
        self.generators: list[tuple[str, Any]] = []
        self.reading: set[str] = set()
        self._is_alone = False  # reading a member of a set by itself
        self._kept: list[Any] = []  # so that no other object has the identity of one that was met

    def read(self, value: Any, name: str = "", states: Set[str] = _NONE) -> bool:
        """Read whatever a name stands for; where that is among the states the type, unless it is an
        object that knows by itself what changes.
        """
        self._note(name, value)
        if isinstance(value, FunctionType):
            return self._once(value, self._function)
        if isinstance(value, type):
            return self._once(value, self._class)
        words = words_of(value)
        if words:
            self.digest.define(*words)
            return False
        if isinstance(value, MethodType):
            self.read(value.__self__, name, states)
            return self.read(value.__func__)
        if type(value) in NAMESPACES:
            value = vars(value)
        container = isinstance(value, _CONTAINERS)
        if name in states and (container or not self._home.owns(type(value))):
            return self._type_of(value)
        if isinstance(value, partial):
            self._leave(parts(value))
            self._items([*value.args, value.keywords])
            return self.read(value.func)
        if isinstance(value, Enum):
            self.read(type(value))
            return self.read(value.value)
        known = self.digest.value(value) or (container and self._container(value))
        if known and not self._home.owns(type(value)):
            if isinstance(value, defaultdict | np.ma.MaskedArray):
                self._leave(parts(value))
            return True
        return self._once(value, partial(self._object, states=states))

    def read_given(self) -> None:
        """Read the attributes that functions and classes were given, when it is known what any of
        them changes.
        """
        done: list[Holder] = []
        while self._holders:
            done.append(self._holders.pop(0))
            self._attributes(given(*done[-1]), self.states)
        self._holders = done

    def read_besides(self) -> None:
        """Read what older digests lack, apart, so that these still tell the rest: the attributes
        that are no data, and what objects of others are made of.
        """
        self.digest.besides()
        left, self._besides = self._besides or [], None
        for values in left:
            self._items(values)
        before = len(self._holders)
        for k, (holder, node) in enumerate(self._holders):  # which grows
            found = untold(holder, node, globals_of(holder))
            data = given(holder, node) if k >= before else ()
            self._attributes([*data, *found], self._known_states, self._known_states)

    def read_sources(self) -> None:
        """Read the module of the function, and the user's own ones that it and they import."""
        for tree in sources(self._home, self.definitions):
            self.digest.source(canonical(tree))

    def _attributes(
        self, found: Iterable[tuple[str, Any]], states: Set[str], within: Set[str] = _NONE
    ) -> None:
        """Read attributes that are no states, with objects that may have states within."""
        for name, value in found:
            self._note(name, value)
            if f".{name}" not in states:
                self.digest.value(name)
                self.read(value, states=within)

    def _note(self, name: str, value: Any) -> None:
        """Keep a generator, and what reads files or the environment under another name."""
        held = generator(value)
        if held is not None and all(held is not one for _, one in self.generators):
            self.generators.append((name.lstrip("."), held))
        called = isinstance(value, FunctionType | BuiltinFunctionType)
        if value is os.environ or (called and self._is_reading(value)):
            self.reading.add(name.lstrip(".") or getattr(value, "__name__", "environ"))

    def _is_reading(self, value: Any) -> bool:
        own = isinstance(value, FunctionType) and self._home.is_own(value.__code__.co_filename)
        return not own and is_reading(value.__name__)

    def _note_reading(
        self, node: ast.AST, cells: Mapping[str, Any], names: Mapping[str, Any]
    ) -> None:
        """Keep the names in a definition of what reads files or the environment; what is the user's
        own says so itself.
        """
        for chain in reading(node):
            first = cells.get(chain[0], names.get(chain[0], MISSING))
            value, _ = self._home.reached(first, chain)
            kind = value if isinstance(value, type) else type(value)
            own = isinstance(value, FunctionType) and not self._is_reading(value)
            is_local = value is MISSING and len(chain) == 1 and chain[0] != "open"
            own = own or is_elsewhere(chain, first)
            if not (own or is_local or chain[0] in {"self", "cls"} or self._home.owns(kind)):
                self.reading.add(".".join(filter(None, chain)))

    def _leave(self, values: list[Any]) -> None:
        """Read values after all others, or now if these are read."""
        if self._besides is None:
            self._items(values)
        elif values:
            self._besides.append(values)

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
            self._items(part for key in in_order(value) for part in (key, value[key]))
        else:
            is_set = isinstance(value, set | frozenset)
            self._items(in_order(value, self._alone) if is_set else value)
        self._open.discard(id(value))
        return True

    def _alone(self, member: Any) -> str:
        """Return the digest of one of several members of a set that are shown alike; "" within such
        a member, as graphs have no end.
        """
        if self._is_alone:
            return ""
        reader = copy(self)
        reader._is_alone, reader.digest, reader._besides = True, Digest(), None
        reader._met, reader._open = dict(self._met), set(self._open)
        reader._kept, reader._holders, reader.generators = [], [], []
        reader.states, reader.reading = set(), set()
        reader.read(member)
        return str(reader.digest)

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
        self._kept.append(value)
        return read(value)

    def _function(self, function: FunctionType) -> bool:
        wrapped = getattr(function, "__wrapped__", None)
        if not self._home.is_own(function.__code__.co_filename):
            self.digest.define("function", function.__module__ or "", function.__code__.co_qualname)
            self._leave(attributes_beside(function, wrapped) if callable(wrapped) else [])
            return self.read(wrapped) if callable(wrapped) else True
        node = self.definitions.of(function)
        if node is None:
            self.digest.define("unread", function.__qualname__)
            return self.read(wrapped) if callable(wrapped) else False
        self.digest.define("function", canonical(node))
        states = changed(node)
        self.states |= states
        self._holders.append((function, node))
        cells = enclosed(function)
        self._note_reading(node, cells, function.__globals__)
        known = global_names(function.__code__)
        for chain in asked(node, cells, function.__globals__):
            name = chain[0]
            if name in cells:
                self._named(chain, cells[name], states)
            elif name in known:
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
        file = self._home.file_of(kind)
        if file is None or not self._home.is_own(file):
            self.digest.define("class", kind.__module__, kind.__qualname__)
            return file is not None
        node = self.definitions.of_class(kind, file)
        if node is None:
            self.digest.define("unread", kind.__qualname__)
            self._leave(attributes_without_text(kind, self._known_states))
            return False
        self.digest.define("class", canonical(node))
        states = changed(node)
        self.states |= states
        self._holders.append((kind, node))
        cells = enclosing(kind)
        names = globals_of(kind) or self._home.names
        self._note_reading(node, cells, names)
        for chain in asked(node, cells, names):
            if chain[0] in cells:
                self._named(chain, cells[chain[0]], states)
            else:
                self._global(chain, names, file, states)
        return True

    def _global(
        self, chain: tuple[str, ...], names: Mapping[str, Any], file: str, states: Set[str]
    ) -> None:
        """Read what a name of a module stands for; what counts by its type also by its text."""
        before = self._by_type
        self._named(chain, names.get(chain[0], MISSING), states)
        if self._by_type > before:
            generators = len(self.generators)
            for node in self.definitions.assigned(chain[0], file):
                self.digest.define("assigned", canonical(node))
                for other in chains(node):
                    if other[0] != chain[0]:
                        self._named(other, names.get(other[0], MISSING), _NONE)
            # what was drawn when the module was run is drawn
            del self.generators[generators:]

    def _named(self, chain: tuple[str, ...], value: Any, states: Set[str]) -> None:
        """Read what a name with attributes stands for, through modules of the user's and
        namespaces, of which others may hold nothing but where to write.
        """
        value, depth = self._home.reached(value, chain)
        if is_made_here(value) and depth < len(chain):
            self._leave([getattr(value, chain[depth], None)])
        if value is not MISSING:
            self.digest.define("name", *chain[:depth])
            self.read(value, chain[0] if depth == 1 else f".{chain[depth - 1]}", states)

    def _changed_by(self, kind: type) -> set[str]:
        """Return what methods of a class change, those that it inherits too."""
        found: set[str] = set()
        for base in filter(self._home.owns, kind.__mro__):
            node = self.definitions.of_class(base, self._home.file_of(base) or "")
            found |= set() if node is None else changed(node)
        return found

    def _object(self, value: Any, states: Set[str]) -> bool:
        """Read an object: its class, and its attributes where that is the user's or a record."""
        kind = type(value)
        found = self.read(kind)
        wrapped = getattr(value, "__dict__", {}).get("__wrapped__")
        if callable(wrapped):
            if kind.__module__ == "functools":  # others keep their own affairs there
                self._leave(attributes_beside(value, wrapped))
            return self.read(wrapped)
        own = self._home.owns(kind)
        if not own and not is_dataclass(kind):
            self._leave(parts(value))
            return self._type_of(value)
        states = states | self._changed_by(kind)
        for name in attributes(value, self._home.owns):
            cached = isinstance(getattr_static(kind, name, None), cached_property)
            held = getattr(value, name, None)
            self._note(name, held)
            if not cached and (f".{name}" not in states or self._home.owns(type(held))):
                self.digest.define("attribute", name)
                self.read(held)
        return found
