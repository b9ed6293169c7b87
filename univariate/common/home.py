"""~ at the beginning of a path: the home of the user, as in a shell.

Shells replace it at the beginning of a word only: --out=~/runs comes as it was typed, as does all
that a program starts without a shell.
"""

import os
from collections.abc import Callable, Collection, Iterable
from inspect import signature
from pathlib import Path
from typing import Any, get_args


def at_home(path: str | os.PathLike[str]) -> Path:
    """Return a path in which ~ and ~name, at its beginning, are the homes of users; what is called
    so is ./~, and a name that no user has stays.

    Raises ValueError if nothing says where the home of the user is.
    """
    text = os.fspath(path)
    found = Path(os.path.expanduser(text))
    if not found.parts or not found.parts[0].startswith("~"):
        return found
    if not text.startswith("~"):
        return found.absolute()  # as Path("./~") is Path("~"), it would be read once more
    if found.parts[0] == "~":
        raise ValueError(
            f"`path` must lie in a home that is known, got {str(found)!r}, and neither HOME nor the"
            " system says where that is; write the whole path, or ./~ for a folder of that name"
        )
    return found


def words_at_home(words: Iterable[str], params: Iterable[Any], paths: Collection[str]) -> list[str]:
    """Return the words of a command line with homes in those that are paths, if they are known.

    `params` are the options and arguments of a command, `paths` the names of those that are paths.
    """
    kept = list(params)
    options = [one for one in kept if one.param_type_name == "option" and not one.is_flag]
    named = {spelling: one.name for one in options for spelling in one.opts}
    loose = any(one.name in paths for one in kept if one.param_type_name == "argument")
    found: list[str] = []
    before = ""
    for word in words:
        option, equals, value = word.partition("=")
        if before:
            found.append(_expanded(word) if named[before] in paths else word)
        elif equals and named.get(option) in paths:
            found.append(f"{option}={_expanded(value)}")
        else:
            found.append(_expanded(word) if loose and not word.startswith("-") else word)
        before = word if not before and word in named else ""
    return found


def paths_of(command: Callable[..., object]) -> list[str]:
    """Return the names of the parameters of a command that are paths, from their annotations."""
    parameters = signature(command, eval_str=True).parameters
    return [name for name, one in parameters.items() if _is_path(one.annotation)]


def require_homes(values: Iterable[object]) -> None:
    """Raise ValueError if the home of the user is in one of the paths among values, and unknown."""
    for one in values:
        if isinstance(one, Path):
            at_home(one)


def _is_path(kind: Any) -> bool:
    """Whether an annotation says Path, or Path or None, with what may be said besides."""
    return kind is Path or any(map(_is_path, get_args(kind)))


def _expanded(word: str) -> str:
    """Return a word that is a path, as it was typed where nothing in it is a home that is known."""
    try:
        found = at_home(word)
    except ValueError:
        return word
    return word if found == Path(word) else str(found)
