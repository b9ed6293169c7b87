"""Help pages of commands: paragraphs flow, and on a narrow terminal every option stands above its
words, where a table would cut its name off. Options that are given twice are named, and ~ is home.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from textwrap import wrap
from typing import Any, Final

from typer.core import TyperCommand

from univariate.common.console import complain
from univariate.common.home import paths_of, words_at_home

NARROW: Final = 64
"""Columns below which names of options do not fit into a table."""

_INDENT: Final = 4
_TWICE: Final = "tempered-overfitting.twice"


class Narrow:
    """A command whose help can be read on terminals of any width; before the class of typer."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        width = columns()
        if width < NARROW:
            formatter.write(narrow_help(self, ctx, width))
        else:
            super().format_help(ctx, formatter)  # type: ignore[misc] # that of typer


class OneLineCommand(Narrow, TyperCommand):
    """A command with one line a paragraph in its help, which says of options that are given more
    than once that the last one counts, as everywhere.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.help = flowing(self.help or "")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        given = list(args)
        if self.callback is not None:
            given = words_at_home(given, self.params, paths_of(self.callback))
        rest: list[str] = super().parse_args(ctx, list(given))
        if not ctx.resilient_parsing:
            ctx.meta[_TWICE] = _repeated(self.make_parser(ctx).parse_args(args=given)[2])
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; where it is refused, that is the one line which is said."""
        found = super().invoke(ctx)
        for option, times in ctx.meta.get(_TWICE, ()):
            complain(
                f"note: {option.opts[-1]} is given {times} times, the last one counts:"
                f" {ctx.params[option.name]}; several values are a comma list, where they are"
                " possible"
            )
        return found


def _repeated(parameters: Iterable[Any]) -> list[tuple[Any, int]]:
    """Return the options, of those in a command line, whose value was given more than once."""
    options = (one for one in parameters if one.param_type_name == "option")
    times = Counter(one for one in options if not (one.is_flag or one.multiple))
    return [(one, count) for one, count in times.items() if count > 1]


def columns() -> int:
    """Return the width of the terminal; 80 without one."""
    return shutil.get_terminal_size().columns


def flowing(text: str) -> str:
    """Return paragraphs of one line each, which break where the terminal ends."""
    paragraphs = cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in paragraphs)


def narrow_help(command: Any, ctx: Any, width: int) -> str:
    """Return the help page of a command or of a group for a narrow terminal."""
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    records = [one.get_help_record(ctx) for one in command.get_params(ctx)]
    parts = [
        *_filled(f"Usage: {usage}", width),
        "",
        *_paragraphs(command.help, width),
        *_entries("Arguments and options:", filter(None, records), width),
        *_entries("Commands:", _commands(command, ctx), width),
        *_paragraphs(command.epilog, width),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _commands(group: Any, ctx: Any) -> Iterator[tuple[str, str]]:
    names = group.list_commands(ctx) if hasattr(group, "list_commands") else []
    for name in names:
        about = flowing(group.get_command(ctx, name).help or "")
        yield name, about.split("\n\n")[0]


def _entries(title: str, records: Iterable[tuple[str, str]], width: int) -> list[str]:
    lines: list[str] = []
    for name, about in records:
        lines += _filled(name, width)
        lines += _filled(about, width, " " * _INDENT)
    return [title, *lines, ""] if lines else []


def _paragraphs(text: str | None, width: int) -> list[str]:
    lines: list[str] = []
    for part in flowing(text or "").split("\n\n"):
        lines += [*_filled(part, width), ""] if part else []
    return lines


def _filled(text: str, width: int, indent: str = "") -> list[str]:
    """Return lines that break between words only."""
    return wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
