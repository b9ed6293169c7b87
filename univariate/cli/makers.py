"""Makers of nets and rules, as the command line names them: `max-margin`, `5-nn`, `nw:1.5`, or a
function of the caller's, `file.py:function`.
"""

import re
from collections.abc import Sequence
from functools import partial
from importlib import import_module, util
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from univariate.cli.own_imports import look_beside
from univariate.common.home import at_home
from univariate.error.k_nearest_neighbours import NearestNeighbours
from univariate.error.nadaraya_watson import NadarayaWatson
from univariate.optimum.max_margin import max_margin
from univariate.optimum.minimum_norm import MinimumNorm
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.report.comparison import Maker

KNOWN = "max-margin, minimum-norm, 5-nn, nw:1.5 or file.py:function"


def makers(names: Sequence[str]) -> dict[str, Maker]:
    """Return the functions that names stand for.

    Raises
    ------
    ValueError
        A name stands for nothing, or its file cannot be run.
    """
    return {name: _maker(name) for name in names}


def max_margin_net(sample: Sample) -> ReluNet:
    """Return the net that solves Problem (1), as found in doubles."""
    return max_margin(sample).net


def _maker(name: str) -> Maker:
    own: dict[str, Maker] = {"max-margin": max_margin_net, "minimum-norm": MinimumNorm}
    if name in own:
        return own[name]
    votes = re.fullmatch(r"(\d+)-nn", name)
    if votes:
        return partial(NearestNeighbours, k=int(votes[1]))
    place, colon, rest = name.rpartition(":")
    if not colon:
        raise ValueError(f"`makers` must be {KNOWN}, got {name!r}; name one of these")
    if place == "nw":
        return partial(NadarayaWatson, exponent=_exponent(name, rest))
    return _function(name, place, rest)


def _exponent(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"`makers` must name an exponent after nw:, got {name!r}; write nw:1.5"
        ) from None


def _function(name: str, place: str, function: str) -> Maker:
    """Return a function of a file or module of the caller's, which is run for it."""
    own = place.endswith(".py")
    module = _from_file(name, at_home(place)) if own else _from_module(name, place)
    found: Any = getattr(module, function, None)
    if not callable(found):
        raise ValueError(
            f"`makers` must name a function, got {name!r}: {place} has no function {function!r}"
        )
    maker: Maker = found
    return maker


def _from_file(name: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise ValueError(f"`makers` must name a file that exists, got {name!r}; check the path")
    if any("\ud800" <= character <= "\udfff" for character in name):
        # the table of the comparison, in UTF-8, has the name in every row
        raise ValueError(f"`makers` must have names of characters, got {name!r}; rename the file")
    whole = path.resolve()
    look_beside(name, whole.parent, whole)
    # not by an import, which may run a compiled file of before: of the same second and length
    loader = SourceFileLoader(f"_makers_{path.stem}", str(path))
    spec = util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = util.module_from_spec(spec)
    try:
        exec(loader.source_to_code(path.read_bytes(), str(path)), vars(module))
    except (Exception, SystemExit) as error:
        if isinstance(error, ImportError) and _is_relative(error, path):
            raise ValueError(_as_module(name, whole)) from None
        raise ValueError(f"{path} does not run: {type(error).__name__}: {error}") from error
    # not among sys.modules, so its functions travel to other processes by value
    return module


def _is_relative(error: ImportError, path: Path) -> bool:
    """Whether an import by a leading dot failed in this file, not in one that it imports."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    here = place is not None and place.tb_frame.f_code.co_filename == str(path)
    return here and "relative import" in str(error)


def _as_module(name: str, file: Path) -> str:
    """Say how to name a function of a file that imports from its own package by a leading dot."""
    folder = file.parent.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    place = ".".join(file.relative_to(folder).with_suffix("").parts)
    return (
        "`makers` must name a module where a file imports from its own package, by a leading dot,"
        f" got {name!r}; write {place}:{name.rpartition(':')[2]}, from within {str(folder)!r}"
    )


def _from_module(name: str, place: str) -> ModuleType:
    _look_in_folder(name, place)
    try:
        return import_module(place)
    except ImportError as error:
        raise ValueError(
            f"`makers` must name a module that can be imported, got {name!r}: {error}"
        ) from None
    except (Exception, SystemExit) as error:
        raise ValueError(f"{place} does not run: {type(error).__name__}: {error}") from error


def _look_in_folder(name: str, place: str) -> None:
    """Let a module be imported from the current folder, as `python -m` does."""
    try:
        folder = Path.cwd()
    except OSError:  # it is gone
        return
    inner = folder.joinpath(*place.split("."))
    first = inner / "__init__.py" if inner.is_dir() else inner.with_suffix(".py")
    look_beside(name, folder, first, place)
