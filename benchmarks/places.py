"""Where scripts may write: to new files, and to those that they made before; nobody else's."""

from collections.abc import Sequence
from pathlib import Path

_TEXTS = (".csv", ".md")


def in_the_way(given: Path, committed: Path) -> list[Path]:
    """Return the files that nobody may replace of those that are written for `given`: itself, and
    what a script writes beside it, of which there is a committed one beside `committed`.

    A table, or a page, that begins as the committed one was made by the script, and what lies
    beside it, too; a .json that names a benchmark says so of what lies beside it.
    """
    if given.exists():
        foreign = given.suffix in _TEXTS and not _begins_alike(given, committed)
        return [given] if foreign else []
    if _names_benchmark(given.with_suffix(".json")):
        return []
    endings = {path.suffix for path in committed.parent.glob(f"{committed.stem}.*")}
    beside = [given.with_suffix(ending) for ending in sorted(endings - {given.suffix})]
    return [path for path in beside if path.exists()]


def some_only(paths: Sequence[Path]) -> list[Path]:
    """Return those of files made together that exist, unless all do."""
    found = [path for path in paths if path.exists()]
    return [] if len(found) == len(paths) else found


def _begins_alike(one: Path, other: Path) -> bool:
    """Whether two files have the same first line; an empty one, and no other one, say nothing."""
    if not other.exists():
        return True
    return _first_line(one) in {b"", _first_line(other)}


def _first_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.readline().rstrip(b"\r\n")


def _names_benchmark(path: Path) -> bool:
    return path.is_file() and b'"schema": "benchmarks.' in path.read_bytes()
