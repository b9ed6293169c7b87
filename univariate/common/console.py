"""What the commands of both packages share: bad input, Ctrl-C, where words and files go.

Results go to stdout, complaints and progress to stderr. Bad input is one line on stderr and exit
code 2, Ctrl-C exit code 130.
"""

import codecs
import functools
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Generic, ParamSpec, TypeVar

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from univariate.common.files import write_atomically
from univariate.common.interrupt import plain_interrupts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
WIDTH: Final = 100
"""Columns where stdout is no terminal."""

Out = Annotated[Path, typer.Option("--out", help="Folder for the files written.")]
NoFigure = Annotated[bool, typer.Option("--no-figure", help="Write no PNG.")]


def application(name: str, about: str, version: Callable[[], str]) -> typer.Typer:
    """Return a command line without commands yet, with --version."""

    def show_version(wanted: bool) -> None:
        if wanted:
            typer.echo(f"{name} {version()} (tempered-overfitting)")
            raise typer.Exit

    app = typer.Typer(
        name=name,
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    option = typer.Option(
        "--version", callback=show_version, is_eager=True, help="Show the version and exit."
    )

    @app.callback(help=about)
    def options(version: Annotated[bool, option] = False) -> None:
        pass

    return app


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Turn bad input into one line on stderr and exit code 2, Ctrl-C into exit code 130."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with plain_interrupts():
                return command(*args, **kwargs)
        except BrokenPipeError:
            raise
        except (ValueError, TypeError, ArithmeticError, OSError, ModuleNotFoundError) as error:
            typer.echo(f"error: {' '.join(str(error).split())}", err=True)
            raise typer.Exit(BAD_INPUT) from None
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None

    return wrapper


PLAINLY: Final = {
    **{"≤": "<=", "≥": ">=", "≈": "~", "−": "-", "–": "-", "—": "-", "×": "x", "·": "*", "±": "+-"},
    **{"→": "->", "…": "...", "‖": "|", "√": "sqrt ", "∈": "in", "∞": "inf", "¹": "1", "²": "^2"},
    **{
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "’": "'",
        "″": "''",
        "─": "-",
        "│": "|",
        "₊": "+",
        "₋": "-",
    },
    **{"α": "alpha", "δ": "delta", "ε": "epsilon", "θ": "theta", "λ": "lambda", "σ": "sigma"},
    **{"τ": "tau", "Θ": "Theta", "Σ": "sum ", "½": "1/2", "ᵀ": "^T", "♯": "#", "°": " degrees"},
    **{"β": "beta", "γ": "gamma", "ζ": "zeta", "κ": "kappa", "μ": "mu", "π": "pi", "ρ": "rho"},
    **{"φ": "phi", "χ": "chi", "ω": "omega", "Δ": "Delta", "Π": "product ", "Φ": "Phi"},
    **{"∇": "grad ", "ℓ": "l", "≠": "!=", "←": "<-", "∗": "*", "¼": "1/4", "⅛": "1/8", "⁻": "^-"},
    **{digit: str(k) for k, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{digit: f"^{k}" for k, digit in enumerate("³⁴⁵⁶⁷⁸⁹", 3)},
}
"""What is written where a terminal lacks a character."""


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAINLY.get(character, "?") for character in lacking), error.end


def run(app: typer.Typer) -> None:
    """Run a command line; where the terminal lacks characters others stand for them."""
    codecs.register_error("plainly", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plainly")
    app()


def command_line(program: str, name: str, options: Mapping[str, object], *files: str) -> str:
    """Return the command line that gives the same result; None and False are left out."""
    given: list[str] = []
    for key, value in options.items():
        if value is not None and value is not False:
            given += [f"--{key}"] if value is True else [f"--{key}", str(value)]
    return shlex.join([program, name, *files, *given])


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


def folder(name: str, path: Path) -> Path:
    """Return a folder to write to, made if it is missing."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if path.exists() else error.strerror
        raise OSError(
            f"`{name}` must be a folder, got {str(path)!r}: {reason}; choose another"
        ) from None
    return path


def console(width: int = WIDTH) -> Console:
    """Return a console on stdout, of this width where that is no terminal."""
    found = Console(highlight=False, soft_wrap=False)
    return found if found.is_terminal else Console(highlight=False, width=width)


def complain(text: str) -> None:
    """Write one line to stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(text))


def inform(text: str) -> None:
    """Write one line to stdout; nothing if there is nothing to say."""
    if text:
        Console(highlight=False, soft_wrap=True).print(Text(text, style="dim"))


def working(text: str) -> AbstractContextManager[object]:
    """Show a spinner on stderr, if that is a terminal."""
    return Console(stderr=True).status(Text(text))


def on_terminal() -> bool:
    """Whether stderr is a terminal, where progress can be shown."""
    return Console(stderr=True).is_terminal


def save_figure(figure: "Figure", path: Path, dpi: float | None = None) -> Path:
    """Write a figure in the format that the ending names; an old file is replaced only by a
    complete one.
    """
    kind = path.suffix.removeprefix(".") or "png"
    resolution = figure.dpi if dpi is None else dpi
    return write_atomically(
        path, lambda stream: figure.savefig(stream, format=kind, dpi=resolution)
    )


def say_where(screen: Console, files: Sequence[Path | str]) -> None:
    """Name the files written."""
    screen.print(Text(f"Wrote {', '.join(map(str, files))}", style="dim"), soft_wrap=True)


class Publisher(Generic[T]):
    """How a report leaves the command line: JSON, screen, figure.

    Parameters
    ----------
    write : callable
        (report, path) → path, writes the JSON.
    render : callable
        report → what the screen shows.
    draw : callable
        report → its figure.
    """

    def __init__(
        self,
        write: Callable[[T, Path], Path],
        render: Callable[[T], RenderableType],
        draw: Callable[[T], "Figure"],
    ) -> None:
        self._write = write
        self._render = render
        self._draw = draw

    def __call__(
        self, report: T, folder: Path, name: str, *, figure: bool, written: Sequence[Path] = ()
    ) -> None:
        """Write the files of a report and show it; `written` are files to name besides."""
        # the JSON comes first, so that nothing is lost to a closed pipe
        files = [*written, self._write(report, folder / f"{name}.json")]
        screen = console()
        screen.print(self._render(report))
        if figure:
            try:
                files.append(save_figure(self._draw(report), folder / f"{name}.png"))
            except ValueError as error:  # values beyond the range of doubles: no picture
                complain(f"no figure: {error}")
        say_where(screen, files)
