"""What a command has changed on the disk so far, for its word on a file that cannot be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

_CHANGES: Final[ContextVar[dict[Path, str] | None]] = ContextVar("_CHANGES", default=None)
"""Files, each with what became of it last; None outside of commands."""


@contextmanager
def changes_noted() -> Iterator[None]:
    """Keep in mind which files are written and removed."""
    before = _CHANGES.set({})
    try:
        yield
    finally:
        _CHANGES.reset(before)


def note(path: Path, what: str = "written") -> None:
    """Note that a file was written, or "removed"."""
    found = _CHANGES.get()
    if found is not None:
        found.pop(path.resolve(), None)  # in the order of the last changes
        found[path.resolve()] = what


def in_vain(path: Path) -> str:
    """Return a clause for a file that could not be made: that one of an earlier run went for it; ""
    where none did.
    """
    last = (_CHANGES.get() or {}).get(path.resolve())
    return f"; {path}, which was to be replaced, is removed" if last == "removed" else ""


def changed_before() -> str:
    """Say which files were written and removed, in one clause; "" where none is known."""
    found = _CHANGES.get() or {}
    clauses = []
    for what in ("written", "removed"):
        names = [str(path) for path, last in found.items() if last == what]
        if names:
            clauses.append(f"{what} before: {', '.join(names)}")
    return "; ".join(clauses)
