"""Files that a command is going to write: looked at before the work starts, so that nothing
finished is replaced silently, and no work is lost to a name that cannot be written.

Whether a folder can be made is known for certain when it has been made: a command that then comes
to nothing takes it away again.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from univariate.common.changes import changes_noted, note
from univariate.common.special_files import is_special

STANDARD_OUTPUT = Path("-")

_MADE: Final[ContextVar[list[Path] | None]] = ContextVar("_MADE", default=None)
"""Folders that a command has made, from the outermost; None outside of commands."""


@contextmanager
def nothing_left() -> Iterator[None]:
    """Take the folders that were made away again, if they are empty, where what is done fails; what
    is changed is kept in mind.
    """
    made: list[Path] = []
    before = _MADE.set(made)
    try:
        with changes_noted():
            yield
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):  # something is in it
                folder.rmdir()
        raise
    finally:
        _MADE.reset(before)


def make_folder(name: str, path: Path) -> Path:
    """Return a folder to write to, made if it is missing."""
    try:
        for one in (*reversed(path.parents), path):
            if not os.path.isdir(one):
                _make(one)
    except OSError as error:
        reason = "it is a file" if os.path.exists(path) else error.strerror
        raise OSError(
            f"`{name}` must be a folder, got {str(path)!r}: {reason}; choose another"
        ) from None
    return path


def _make(folder: Path) -> None:
    """Make a folder, and keep in mind that it is the command's own: not one that another made at
    the same moment, or that was there, as a/../b where only a was missing.
    """
    try:
        folder.mkdir()
    except FileExistsError:
        if not os.path.isdir(folder):
            raise
        return
    made = _MADE.get()
    if made is not None:
        made.append(folder)


def require_free(paths: Iterable[Path], *, overwrite: bool, remedy: str = "") -> None:
    """Raise FileExistsError if one of these files exists, unless they may be overwritten; devices
    and pipes hold nothing that could be lost. IsADirectoryError if one of them is a folder.
    """
    found = [path for path in paths if path.exists() and not is_special(path)]
    for path in found:
        if path.is_dir():
            raise IsADirectoryError(
                f"`out` must hold no folder where a file is written, got {str(path)!r}; move it"
                " away, or choose another"
            )
    if found and not overwrite:
        names = ", ".join(path.name for path in found)
        those = "it" if len(found) == 1 else "them"
        raise FileExistsError(
            f"`overwrite` must be given to replace what is finished, got {names} in"
            f" {str(found[0].parent)!r} already; {remedy}choose another folder or name, or replace"
            f" {those}"
        )


def require_endings(option: str, path: Path | None, endings: Sequence[str]) -> None:
    """Raise ValueError unless a file to be written, if there is one, has one of these endings; a
    device or a pipe needs none where there is but one format.
    """
    if path is None or (is_special(path) and len(endings) == 1):
        return
    if path.suffix.lower() not in endings:
        raise ValueError(
            f"`{option}` must end in {' or '.join(endings)}, got {path.name!r}; rename it"
        )


def require_places(files: Mapping[str, Path | None]) -> None:
    """Raise unless all files, by the options that name them, differ and lie in folders that exist
    and can be written to.
    """
    seen: dict[Path, str] = {}
    for option, path in files.items():
        if path is None or path == STANDARD_OUTPUT:
            continue
        require_file(option, path)
        if is_special(path):
            require_writable(option, path, "another file")
            if path.is_char_device():
                continue
        else:
            require_folder(option, path)
            require_writable(option, path, "another folder", path.parent)
        place = path.resolve()
        if place in seen:
            raise ValueError(
                f"`{option}` must be another file than `{seen[place]}`, got {str(path)!r} for both;"
                " rename one"
            )
        seen[place] = option


def require_file(option: str, path: Path) -> None:
    """Raise IsADirectoryError for a folder where a file is meant."""
    if path.is_dir():
        raise IsADirectoryError(
            f"`{option}` must be a file, got the folder {str(path)!r}; add a name"
        )


def require_folder(option: str, path: Path) -> None:
    """Raise FileNotFoundError unless a file that is to be written lies in a folder that exists."""
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"`{option}` must lie in a folder that exists, got {str(path)!r}; make"
            f" {str(path.parent)!r} first"
        )


def require_other(option: str, path: Path | None, read: Mapping[str, Path | None]) -> None:
    """Raise ValueError if a file to be written is one of those that are read, by what names them:
    to replace it would lose it.
    """
    for name, source in read.items():
        if path is None or source is None or is_special(path):
            continue
        if path.resolve() == source.resolve():
            raise ValueError(
                f"`{option}` must be another file than `{name}`, got {str(path)!r} for both; choose"
                " another name or folder"
            )


def require_regular(name: str, path: Path) -> None:
    """Raise ValueError for a device or a pipe where a file is meant that is read again later."""
    if is_special(path):
        raise ValueError(
            f"`{name}` must be a regular file, which keeps what it gets, got {str(path)!r}; choose"
            " another"
        )


def require_writable(option: str, path: Path, other: str, place: Path | None = None) -> None:
    """Raise PermissionError unless a path, or the `place` where it will lie, can be written to."""
    if not os.access(place or path, os.W_OK):
        raise PermissionError(f"`{option}` must be writable, got {str(path)!r}; choose {other}")


def remove(paths: Iterable[Path]) -> None:
    """Remove the files of an earlier run that are to be replaced, so that no two runs mix.

    Of a link what it points to is removed, not the link; devices and pipes stay.
    """
    for path in paths:
        if path.exists() and not is_special(path):
            path.resolve().unlink(missing_ok=True)
            note(path, "removed")
