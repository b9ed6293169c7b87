"""A progress bar on stderr, for work whose share done is known."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

from univariate.common.console import can_redraw

P = ParamSpec("P")


@contextmanager
def share_bar(wanted: bool, state: Callable[P, tuple[float, str]]) -> Iterator[Callable[P, None]]:
    """Show a bar if wanted; gives the function that moves it to the share and text of a state."""
    if not wanted:
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not can_redraw(console):
        yield _ignore
        return
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(*args: P.args, **kwargs: P.kwargs) -> None:
            """Move the bar."""
            share, text = state(*args, **kwargs)
            bar.update(task, completed=share, description=text)

        yield show


def _ignore(*_: object, **__: object) -> None:
    """Show nothing."""
