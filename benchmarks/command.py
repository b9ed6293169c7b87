"""The command line of a script, and where it may write."""

import shutil
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from benchmarks.places import in_the_way
from univariate.common.home import at_home

ASIDE: Final = "benchmark-results"
"""Folder for what is not committed."""


def options(
    name: str,
    about: str,
    arguments: Sequence[str] | None,
    *,
    presets: Iterable[str] = (),
    positional: str = "",
    rules: Mapping[str, Callable[[Any], str]] | None = None,
    **more: tuple[Any, str],
) -> Namespace:
    """Read the command line of a script.

    Presets have the default "quick"; `more` are options with their defaults, which say the types,
    and their help; `positional` describes a folder to be named first; `rules` say what is wrong
    with an option, "" for nothing. Options that name committed files stand for copies of them
    unless --write is given; `refuse` takes these away again.
    """
    parser = ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    if positional:
        parser.add_argument("folder", type=_folder, help=positional)
    if presets:
        parser.add_argument("--preset", choices=presets, default="quick", help="how many runs")
    for option, (default, words) in more.items():
        kind = _kind(option, default)
        text = f"{words} (%(default)s)"
        parser.add_argument(f"--{option.replace('_', '-')}", type=kind, default=default, help=text)
    paths = {option: default for option, (default, _) in more.items() if isinstance(default, Path)}
    if paths:
        words = f"renew the committed files; without it, copies in {ASIDE}/ are"
        parser.add_argument("--write", action="store_true", help=words)
    chosen = parser.parse_args(arguments)
    complaints = [
        (option, wrong(getattr(chosen, option))) for option, wrong in (rules or {}).items()
    ]
    complaints += [(option, _misplaced(getattr(chosen, option), paths[option])) for option in paths]
    for option, complaint in complaints:
        if complaint:
            parser.error(f"argument --{option}: {complaint}")
    chosen.copies = {}
    for option, default in paths.items():  # when nothing is refused any more
        if getattr(chosen, option) == default and not chosen.write:
            setattr(chosen, option, aside(default, chosen.copies))
    return chosen


def _misplaced(given: Path, default: Path) -> str:
    """Return what is wrong with a path in the place of a committed file; "" for nothing."""
    if given.suffix != default.suffix:
        # what is written beside it has the other endings, and would replace it
        return f"must end in {default.suffix}, got {given.name!r}; rename it"
    others = [] if given == default else in_the_way(given, default)
    return foreign(others) if others else ""


def refuse(chosen: Namespace, why: object) -> int:
    """Say why nothing is done, and leave the disk as it was: copies that are as they were made go.

    Returns the exit status.
    """
    Console().print(str(why), style="red", markup=False)
    copies: dict[Path, Path] = chosen.copies
    if all(path.read_bytes() == source.read_bytes() for path, source in copies.items()):
        for path in copies:
            path.unlink()
        with suppress(OSError):  # it is not there, or holds something
            Path(ASIDE).rmdir()
    return 2


def known_part(names: Iterable[str], what: str) -> Callable[[str], str]:
    """Return the rule that a text is part of one of these names, of what they are called."""

    def wrong(text: str) -> str:
        """Say so if it is not."""
        found = any(text in name for name in names)
        return "" if found else f"no {what} contains {text!r}; these are {', '.join(names)}"

    return wrong


def _kind(option: str, default: Any) -> Callable[[str], Any]:
    """Return what reads an option with such a default."""
    if isinstance(default, Path):
        return _path
    if not isinstance(default, int):
        return type(default)
    least = 0 if option == "seed" else min(default, 1)

    def count(text: str) -> int:
        """Return an integer that is large enough."""
        try:
            found = int(text)
        except ValueError:
            found = least - 1
        if found < least:
            raise ArgumentTypeError(f"must be an integer ≥ {least}, got {text!r}")
        return found

    return count


def _folder(text: str) -> Path:
    found = _path(text)
    if any(one.exists() and not one.is_dir() for one in (found, *found.parents)):
        raise ArgumentTypeError(f"must be a folder, got {text!r}, which is a file; choose another")
    return found


def _path(text: str) -> Path:
    try:
        return at_home(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def foreign(files: Sequence[Path]) -> str:
    """Say that files are somebody else's, and what to do."""
    names = ", ".join(path.name for path in files)
    return (
        f"nothing is replaced that this script did not make, got {names} in"
        f" {str(files[0].parent)!r} already; choose another name or folder, or move that away"
    )


def aside(committed: Path, copies: dict[Path, Path]) -> Path:
    """Return where a script writes that was not told to renew a committed file: a copy of it, with
    the files beside it, below the current folder. Those that are made now are noted in `copies`.
    """
    target = Path(ASIDE) / committed.name
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        for path in committed.parent.glob(f"{committed.stem}.*"):
            copy = target.with_suffix(path.suffix)
            shutil.copyfile(path, copy)
            copies[copy] = path
    print(f"writes {target}; --write renews {committed.name}", file=sys.stderr)
    return target


def polite_kills() -> None:
    """Let SIGTERM interrupt as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
