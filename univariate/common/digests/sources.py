"""Whole sources of a function: its module and the user's own ones that it and they import, whether
what they define is used or not, and whether they have been imported yet or not.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder

from univariate.common.digests.definitions import Definitions
from univariate.common.digests.own_code import Home, file_of_module
from univariate.common.digests.syntax import imported, lineage


def sources(home: Home, known: Definitions) -> Iterator[ast.Module]:
    """Yield the trees of the file of a function and of what it imports, each once, in an order
    that depends on them alone.
    """
    package = home.names.get("__package__") or ""
    met: set[str] = set()
    todo = [*reversed(lineage(package)), ""]  # the function's own file has no name here
    while todo:
        name = todo.pop()
        place = _file_of(name) if name else home.file
        if name in met or place is None or not home.is_own(place):
            continue
        met.add(name)
        tree = known.whole(place)
        if tree is not None:
            yield tree
            # the package that relative imports are of
            within = package
            if name:
                within = name if place.endswith("__init__.py") else name.rpartition(".")[0]
            todo += sorted(filter(None, imported(tree, within)), reverse=True)


def _file_of(name: str) -> str | None:
    """Return the file of a module; None if there is none of this name. Nothing is imported: what
    is found must not depend on what has been run.
    """
    module = sys.modules.get(name)
    if module is not None:
        return file_of_module(module)
    spec = _spec(name)
    return None if spec is None else spec.origin


def _spec(name: str) -> ModuleSpec | None:
    package, _, _ = name.rpartition(".")
    places = _places(package) if package else None
    if package and not places:
        return None
    try:
        return PathFinder.find_spec(name, places)
    except (ImportError, OSError, ValueError):  # of other people's finders
        return None


def _places(package: str) -> Sequence[str]:
    """Return the folders of a package; none of what is a module or nothing."""
    module = sys.modules.get(package)
    if module is not None:
        return list(getattr(module, "__path__", ()))
    spec = _spec(package)
    return list((spec and spec.submodule_search_locations) or ())
