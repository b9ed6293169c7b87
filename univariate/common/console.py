"""What the commands of both packages say: results on stdout, complaints and progress on stderr."""

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import Final
from unicodedata import category

from rich.console import Console
from rich.text import Text

from univariate.common.spelled import PLAINLY

WIDTH: Final = 100
"""Columns where stdout is no terminal."""

_QUIET: Final = ContextVar("_QUIET", default=False)
_TABLES: Final = ContextVar("_TABLES", default=True)

_UNSEEN: Final = ("Cc", "Cf", "Zl", "Zp")
"""Unicode's categories of characters that are obeyed and not shown."""


@contextmanager
def speaking(*, quiet: bool, tables: bool = True) -> Iterator[None]:
    """Say nothing but complaints while `quiet`; without `tables` leave stdout to others."""
    before = _QUIET.set(quiet), _TABLES.set(tables)
    try:
        yield
    finally:
        _QUIET.reset(before[0])
        _TABLES.reset(before[1])


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAINLY.get(character, "?") for character in lacking), error.end


def speak_plainly() -> None:
    """Let other characters stand for those that the terminal lacks."""
    codecs.register_error("plainly", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plainly")


class _Closed(io.TextIOBase):
    """The standard output of a process that was started without one: who writes is told."""

    def write(self, text: str, /) -> int:
        """Raise OSError."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def flush(self) -> None:
        """Do nothing, as nothing was written."""


def open_closed_streams() -> None:
    """Give a process that was started without standard streams some that can be asked.

    Their numbers are taken, so that no file that is opened later gets what is written to them.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the smallest number that is free
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open to the end)


def console(width: int = WIDTH) -> Console:
    """Return a console on stdout, of this width where that is no terminal."""
    silent = _QUIET.get() or not _TABLES.get()
    found = Console(highlight=False, quiet=silent)
    if can_redraw(found):
        return found
    return Console(highlight=False, width=width, quiet=silent)


def can_redraw(console: Console) -> bool:
    """Whether lines that are written can be written anew: on a terminal, or in a notebook.

    What FORCE_COLOR calls a terminal may be a pipe, which keeps every line.
    """
    return console.is_jupyter or (console.is_terminal and console.file.isatty())


def one_line(text: str) -> str:
    """Return a text whose control and formatting characters are spelled: as parts of names in
    files, they would steer the terminal.
    """
    return "".join(
        letter.encode("unicode_escape").decode() if category(letter) in _UNSEEN else letter
        for letter in text
    )


def complain(text: str) -> None:
    """Write one line to stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(one_line(text)))


def remark(text: str) -> None:
    """Write one line to stderr, unless silence was asked for."""
    if not _QUIET.get():
        complain(text)


def inform(text: str) -> None:
    """Write one line to stdout; nothing if there is nothing to say."""
    if text:
        console().print(Text(one_line(text), style="dim"), soft_wrap=True)


def working(text: str) -> AbstractContextManager[object]:
    """Show a spinner on stderr, if that is a terminal."""
    console = Console(stderr=True)
    if _QUIET.get() or not can_redraw(console):
        return nullcontext()
    return console.status(Text(text))


def on_terminal() -> bool:
    """Whether progress can be shown: stderr is a terminal, and silence was not asked for."""
    return not _QUIET.get() and can_redraw(Console(stderr=True))


def say_where(screen: Console, files: Sequence[Path | str]) -> None:
    """Name the files written."""
    screen.print(Text(f"Wrote {', '.join(map(str, files))}", style="dim"), soft_wrap=True)
