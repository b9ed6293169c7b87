"""What every command does with bad input, Ctrl-C, and terminals that know ASCII only."""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from univariate.common.interrupt import plain_interrupts

P = ParamSpec("P")
R = TypeVar("R")

BAD_INPUT, INTERRUPTED = 2, 130


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


def run(app: typer.Typer) -> None:
    """Run a command line; Greek letters become question marks where the terminal does not know
    them.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
