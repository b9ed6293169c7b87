"""What the programs of both packages share: options, bad input, signals, exit codes.

Bad input, mistyped options included, is one line on stderr and exit code 2. Ctrl-C is exit code
130, and SIGTERM, which keeps what Ctrl-C keeps, 143. Where the reader of stdout goes away, as head
does, a command ends without a word, with the code 141 of programs that SIGPIPE ends.
"""

import functools
import os
import shlex
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from inspect import signature
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final, ParamSpec, TypeVar

import typer
from typer.core import TyperGroup

from univariate.common.console import one_line, open_closed_streams, speak_plainly, speaking
from univariate.common.help import Narrow
from univariate.common.home import require_homes
from univariate.common.interrupt import INTERRUPTED, answered_by, interrupt, plain_interrupts
from univariate.common.outputs import STANDARD_OUTPUT, nothing_left
from univariate.common.surroundings import settle
from univariate.common.typed import in_typed_words, said, typed_names
from univariate.common.version import library_version

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

BAD_INPUT: Final = 2
PIPE_CLOSED: Final = 141
TERMINATED: Final = 143

EXIT_CODES: Final = (
    "Exit codes: 0 done (a net that is refuted is a result); 2 bad input, or a file that cannot be"
    " read or written, in one line on stderr; 130 Ctrl-C; 141 nobody reads stdout any more; 143"
    " SIGTERM. What was finished by then is kept, and a command that is started again goes on where"
    " its help says so."
)

_REFUSED: Final = (
    ValueError,
    TypeError,
    ArithmeticError,
    OSError,
    ModuleNotFoundError,
    MemoryError,
)


class OneLineGroup(Narrow, TyperGroup):
    """Commands whose mistyped options are one line on stderr, as all bad input."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line; in standalone mode, exit."""
        alone = options.get("standalone_mode", True)
        options["standalone_mode"] = False
        if not alone:
            return super().main(*args, **options)
        code: Any = 0
        try:
            code = super().main(*args, **options)
            sys.stdout.flush()
        except SystemExit as end:
            # rich and typer end a program so where it writes to a pipe that nobody reads
            if isinstance(end.__context__, BrokenPipeError):
                _hang_up()
                sys.exit(PIPE_CLOSED)
            raise
        except BrokenPipeError:
            _hang_up()
            sys.exit(PIPE_CLOSED)
        except OSError as error:
            # a full disk, of which a command that failed so has complained
            _hang_up()
            if not code:
                _complain(said(error))
            sys.exit(code or BAD_INPUT)
        except Exception as error:
            # click's exceptions, wherever typer keeps them
            if type(error).__name__ == "Abort":
                raise KeyboardInterrupt from None
            if not hasattr(error, "format_message"):
                raise
            if type(error).__name__ == "NoArgsIsHelpError":
                typer.echo(error.format_message())
                sys.exit(0)
            context = getattr(error, "ctx", None)
            command = "the" if context is None else context.command_path
            _complain(f"{error.format_message().rstrip('.')}; see {command} --help")
            sys.exit(BAD_INPUT)
        sys.exit(code if isinstance(code, int) else 0)


def application(name: str, about: str) -> typer.Typer:
    """Return a command line without commands yet, with --version and shell completion."""

    def show_version(wanted: bool) -> None:
        """Print the version and end, if that is wanted."""
        if wanted:
            typer.echo(f"{name} {library_version()} (tempered-overfitting)")
            raise typer.Exit

    app = typer.Typer(
        name=name,
        cls=OneLineGroup,
        help=about,
        epilog=EXIT_CODES,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    option = typer.Option(
        "--version", callback=show_version, is_eager=True, help="Show the version and exit."
    )

    @app.callback(help=about, epilog=EXIT_CODES)
    def options(version: Annotated[bool, option] = False) -> None:
        """Take the options that stand before a command."""

    return app


def guarded(**aliases: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Turn bad input into one line in the words that were typed, signals into exit codes.

    `aliases` say which parameter of the command stands for an argument of the library that has
    another name. Its parameters `quiet` and `json` say what may be written to stdout.
    """

    def guard(command: Callable[P, R]) -> Callable[P, R]:
        """Return the command, guarded."""

        @functools.wraps(command)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            """Run the command."""
            values = signature(command).bind(*args, **kwargs).arguments
            quiet = bool(values.get("quiet"))
            tables = values.get("json") != STANDARD_OUTPUT
            terminated: list[int] = []
            try:
                with (
                    speaking(quiet=quiet, tables=tables),
                    _ended_by(terminated),
                    plain_interrupts(),
                    nothing_left(),
                ):
                    settle()
                    require_homes(values.values())
                    return command(*args, **kwargs)
            except BrokenPipeError:
                raise
            except _REFUSED as error:
                text = said(error)
                _complain(in_typed_words(text, typed_names(command), values, aliases))
                raise typer.Exit(BAD_INPUT) from None
            except KeyboardInterrupt:
                _complain("terminated" if terminated else "interrupted", "")
                raise typer.Exit(TERMINATED if terminated else INTERRUPTED) from None

        return wrapper

    return guard


def run(app: typer.Typer) -> None:
    """Run a command line; where the terminal lacks characters others stand for them."""
    try:
        open_closed_streams()
        speak_plainly()
        warnings.formatwarning = _in_one_line
        app()
    except KeyboardInterrupt:
        _complain("interrupted", "")
        sys.exit(INTERRUPTED)


def command_line(program: str, name: str, options: Mapping[str, object], *files: Path) -> str:
    """Return the command line that gives the same result in the folder where it was typed; options
    that are None or False are left out.
    """
    given: list[str] = []
    for key, value in options.items():
        if value is not None and value is not False:
            given += [f"--{key}"] if value is True else [f"--{key}", str(value)]
    return shlex.join([program, name, *map(_no_option, files), *given])


def _no_option(file: Path) -> str:
    """Return the path of an argument; one that begins like an option is ./ that."""
    text = str(file)
    return f"./{text}" if text.startswith("-") else text


def listed(name: str, text: str, kind: Callable[[str], T], rule: str, example: str) -> list[T]:
    """Return the values of a comma list.

    Raises
    ------
    ValueError
        A part that `kind` refuses; the message says the `rule`, and gives the `example`.
    """
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"`{name}` must be {rule}, got {text!r}; pass e.g. {example}") from None


def _ended_by(terminated: list[int]) -> AbstractContextManager[None]:
    """Let SIGTERM do what Ctrl-C does, and note it."""

    def end(number: int, frame: FrameType | None) -> None:
        """Note the signal, and answer it as Ctrl-C is."""
        terminated.append(number)
        answer = signal.getsignal(signal.SIGINT)
        # in the background of a script Ctrl-C is ignored, SIGTERM is not
        if callable(answer):
            answer(signal.SIGINT, frame)
        else:
            interrupt(number, frame)

    return answered_by(end, signal.SIGTERM, usual=signal.SIG_DFL)


def _hang_up() -> None:
    """Let what is still to be written go nowhere; the interpreter would complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # tests have streams without a file
            with suppress(OSError, ValueError):
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _complain(text: str, lead: str = "error: ") -> None:
    try:
        typer.echo(lead + one_line(" ".join(text.split())), err=True)
    except BrokenPipeError:
        raise
    except OSError:
        return  # of a full disk the exit code has to tell


def _in_one_line(message: Warning | str, *_: Any, **__: Any) -> str:
    return f"note: {one_line(' '.join(str(message).split()))}\n"
