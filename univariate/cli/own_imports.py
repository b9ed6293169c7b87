"""What a file or a module of the caller's imports from beside it.

Python looks there first when it runs a file. Here it looks there last, since programs that have
begun have their own modules: where a name leads elsewhere first, this is refused, not guessed.
"""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from univariate.common.digests.syntax import imported, lineage


def look_beside(name: str, folder: Path, first: Path, place: str = "") -> None:
    """Let modules in a folder be imported, here and in the processes that are begun from here.

    `first` is the file of the maker `name`, in the folder, and `place` what it is imported as, if
    it is. Raises ValueError where it, or a module that it imports from there, asks for a name that
    leads elsewhere first.
    """
    met: set[Path] = set()
    todo = [first]
    names = set(lineage(place)) if place else set()
    while todo:
        file = todo.pop()
        if file in met:
            continue
        met.add(file)
        for asked in sorted(names | _asked(file, folder)):
            beside = _file_in(folder, asked)
            if beside is not None and "." not in asked:
                _require_first(name, asked, beside)
            todo += [] if beside is None else [beside]
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


@contextmanager
def places_kept() -> Iterator[None]:
    """Look afterwards where imports looked before."""
    before = sys.path[:]
    try:
        yield
    finally:
        sys.path[:] = before


def _require_first(name: str, module: str, beside: Path) -> None:
    """Raise ValueError if a name leads elsewhere than to a file."""
    other = _elsewhere(module)
    if other is not None and other != _real(str(beside)):
        raise ValueError(
            f"`makers` must import modules by names that lead to one place, got {name!r}: {module}"
            f" is {beside}, and {other} as well; rename the former"
        )


def _asked(file: Path, folder: Path) -> set[str]:
    """Return the modules that a file names in its imports, and the packages that they lie in."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):  # which running it will tell
        return set()
    package = ".".join(file.relative_to(folder).parts[:-1])
    return set(filter(None, imported(tree, package)))


def _file_in(folder: Path, module: str) -> Path | None:
    """Return the file of a module, or of a package's __init__.py, in a folder; None without one."""
    *packages, last = module.split(".")
    spec = _spec(last, [str(folder.joinpath(*packages))]) if last else None
    # where it lies, not where a link of that name leads: its own imports are of the folder
    return None if spec is None or spec.origin is None else Path(spec.origin)


def _elsewhere(module: str) -> str | None:
    """Return where an import finds a module now: its file, or "part of Python"."""
    if module in sys.builtin_module_names or module in sys.stdlib_module_names:
        return "part of Python"
    loaded = sys.modules.get(module)
    if loaded is not None:
        return _real(getattr(loaded, "__file__", None))
    spec = _spec(module, None)
    return None if spec is None else _real(spec.origin)


def _spec(module: str, places: list[str] | None) -> ModuleSpec | None:
    try:
        return PathFinder.find_spec(module, places)
    except (ImportError, OSError, ValueError):  # of other people's finders
        return None


def _real(place: str | None) -> str | None:
    return None if place is None else str(Path(place).resolve())
