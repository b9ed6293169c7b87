"""Where functions and classes are defined, and whether that is the user's own code."""

import os
import site
import sys
import sysconfig
from argparse import Namespace
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any, Final

import numpy as np

_HERE: Final = Path(__file__).resolve().parents[3]
_LIBRARY: Final = tuple(f"{_HERE / name}{os.sep}" for name in ("univariate", "highdim"))
_PLACES: Final = ("stdlib", "platstdlib", "purelib", "platlib")
_INSTALLED: Final = tuple(
    f"{os.path.realpath(place)}{os.sep}"
    for place in [*map(sysconfig.get_path, _PLACES), site.getusersitepackages()]
)

_PACKAGES: Final = frozenset(["site-packages", "dist-packages"])
"""Folders of installed packages, also of another environment that this one sees."""

NAMESPACES: Final = (Namespace, SimpleNamespace)
"""Classes whose objects are no more than their attributes."""

MISSING: Final = object()
"""What a name stands for that stands for nothing, yet."""


class Home:
    """Where a function is defined, and which definitions are read with it: the user's, and those
    of its own file.
    """

    def __init__(self, function: object) -> None:
        inner = innermost(function)
        self.file = file_of(inner)
        self.names = globals_of(inner)

    def is_own(self, file: str) -> bool:
        """Whether definitions of a file are read."""
        return not is_library(file) if file == self.file else not is_installed(file)

    def file_of(self, kind: type) -> str | None:
        """Return the file of a class; that of the function, for one that is run from there."""
        same = kind.__module__ == self.names.get("__name__")
        return file_of(kind) or (self.file if same else None)

    def owns(self, kind: type) -> bool:
        """Whether the definition of a class is read."""
        file = self.file_of(kind)
        return file is not None and self.is_own(file)

    def reached(self, value: Any, chain: tuple[str, ...]) -> tuple[Any, int]:
        """Return what a name with attributes leads to through modules of the user's and namespaces,
        `MISSING` where it leads nowhere, and how many names it took; `value` is what the first
        stands for.
        """
        depth = 1
        while isinstance(value, (ModuleType, *NAMESPACES)) and depth < len(chain):
            if isinstance(value, ModuleType) and not self.is_own(file_of_module(value)):
                break
            value = getattr(value, chain[depth], MISSING)
            depth += 1
        return value, depth


def is_library(file: str) -> bool:
    """Whether a file is one of these packages."""
    return not file.startswith("<") and os.path.realpath(file).startswith(_LIBRARY)


def is_installed(file: str) -> bool:
    """Whether a file belongs to Python, to an installed package or to these; cells of notebooks
    and the like do not.
    """
    if file.startswith("<"):
        return file.startswith("<frozen")
    place = os.path.realpath(file)
    return place.startswith(_INSTALLED + _LIBRARY) or not _PACKAGES.isdisjoint(Path(place).parts)


def file_of_module(module: ModuleType) -> str:
    """Return the file of a module, the folder of a package without one; "<frozen>" for neither."""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return next((str(place) for place in places if place), "<frozen>")


def is_made_here(value: Any) -> bool:
    """Whether a value is a module that comes from no file, but was put together by hand."""
    return isinstance(value, ModuleType) and value.__spec__ is None and not _has_place(value)


def _has_place(module: ModuleType) -> bool:
    return module.__name__ == "__main__" or file_of_module(module) != "<frozen>"


def innermost(value: Any) -> Any:
    """Return what a `partial` or a method calls in the end."""
    while isinstance(value, partial | MethodType):
        value = value.func if isinstance(value, partial) else value.__func__
    return value


def file_of(value: Any) -> str | None:
    """Return the file of a function, of a class, or of that of an object; None if that is not
    known.
    """
    if isinstance(value, FunctionType):
        return value.__code__.co_filename
    kind = value if isinstance(value, type) else type(value)
    method = _method(kind)
    if method is not None:
        return method.__code__.co_filename
    return getattr(sys.modules.get(kind.__module__), "__file__", None)


def globals_of(value: Any) -> Mapping[str, Any]:
    """Return the names of the module of a function, of a class, or of that of an object; none if
    they are not known.
    """
    if isinstance(value, FunctionType):
        return value.__globals__
    kind = value if isinstance(value, type) else type(value)
    method = _method(kind)
    if method is not None:
        return method.__globals__
    return getattr(sys.modules.get(kind.__module__), "__dict__", {})


def words_of(value: Any) -> tuple[str, ...]:
    """Return the words of a module, of the environment, which differs in every process, or of a
    function without a definition, which stands for itself; none of anything else.
    """
    if value is os.environ:
        return "name", "os", "environ"
    if isinstance(value, ModuleType):
        return "module", value.__name__
    if isinstance(value, np.ufunc):
        return "function", "numpy", value.__name__
    free = isinstance(value, BuiltinFunctionType)
    if free and isinstance(value.__self__, ModuleType | type | None):
        return "function", str(value.__module__), value.__qualname__
    return ()


def enclosed(function: FunctionType) -> dict[str, Any]:
    """Return the values that a function has of the one that it is defined in, by their names."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {name: _content(cell) for name, cell in cells}


def enclosing(kind: type) -> dict[str, Any]:
    """Return the values that the methods of a class have of the function that it is defined in."""
    found: dict[str, Any] = {}
    for method in vars(kind).values():
        if isinstance(method, FunctionType) and method.__module__ == kind.__module__:
            found |= enclosed(method)
    return found


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing has been put there yet
        return MISSING


def _method(kind: type) -> FunctionType | None:
    """Return a method that is written in the class itself."""
    for member in vars(kind).values():
        inner = getattr(member, "__func__", member)
        if not isinstance(inner, FunctionType) or inner.__module__ != kind.__module__:
            continue
        # `dataclass` writes methods that are in no file, and decorators wrap others in theirs
        file = inner.__code__.co_filename
        if not file.startswith("<string") and not is_installed(file):
            return inner
    return None
