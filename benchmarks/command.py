"""The command line of a script, and where it may write."""

import shutil
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.places import in_the_way

ASIDE: Final = "benchmark-results"
"""Folder for what is not committed."""


def options(
    name: str,
    about: str,
    arguments: Sequence[str] | None,
    *,
    presets: Iterable[str] = (),
    positional: str = "",
    **more: tuple[Any, str],
) -> Namespace:
    """Read the command line of a script.

    Presets have the default "quick"; `more` are options with their defaults, which say the types,
    and their help; `positional` describes a folder to be named first. Options that name committed
    files stand for copies of them unless --write is given.
    """
    parser = ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    if positional:
        parser.add_argument("folder", type=Path, help=positional)
    if presets:
        parser.add_argument("--preset", choices=presets, default="quick", help="how many runs")
    for option, (default, words) in more.items():
        kind = Path if isinstance(default, Path) else type(default)
        text = f"{words} (%(default)s)"
        parser.add_argument(f"--{option.replace('_', '-')}", type=kind, default=default, help=text)
    paths = {option: default for option, (default, _) in more.items() if isinstance(default, Path)}
    if paths:
        words = f"renew the committed files; without it, copies in {ASIDE}/ are"
        parser.add_argument("--write", action="store_true", help=words)
    chosen = parser.parse_args(arguments)
    for option, default in paths.items():
        given = getattr(chosen, option)
        if given.suffix != default.suffix:
            # what is written beside it has the other endings, and would replace it
            parser.error(f"--{option} must end in {default.suffix}, got {given.name!r}; rename it")
        others = [] if given == default else in_the_way(given, default)
        if others:
            parser.error(f"--{option}: {foreign(others)}")
        if given == default and not chosen.write:
            setattr(chosen, option, aside(default))
    return chosen


def foreign(files: Sequence[Path]) -> str:
    """Say that files are somebody else's, and what to do."""
    names = ", ".join(path.name for path in files)
    return (
        f"nothing is replaced that this script did not make, got {names} in"
        f" {str(files[0].parent)!r} already; choose another name or folder, or move that away"
    )


def aside(committed: Path) -> Path:
    """Return where a script writes that was not told to renew a committed file: a copy of it, with
    the files beside it, below the current folder.
    """
    target = Path(ASIDE) / committed.name
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        for path in committed.parent.glob(f"{committed.stem}.*"):
            shutil.copyfile(path, target.with_suffix(path.suffix))
    print(f"writes {target}; --write renews {committed.name}", file=sys.stderr)
    return target


def polite_kills() -> None:
    """Let SIGTERM interrupt as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
