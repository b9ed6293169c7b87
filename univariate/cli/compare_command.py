"""A comparison on the command line: progress on stderr, a table on stdout, two files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console

from univariate.common.console import complain, console, on_terminal, remark, say_where
from univariate.common.delivery import Delivery, drawn
from univariate.common.work import progress
from univariate.problem.density import Density
from univariate.problem.truth import Truth
from univariate.report.comparison import ComparisonRow, Maker, compare, means, read_comparison
from univariate.report.screens.parts import plain_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class CompareOptions:
    """What is compared, on which samples."""

    makers: Mapping[str, Maker]
    sizes: Sequence[int]
    rates: Sequence[float]
    seeds: Sequence[int]
    density: Density | None
    truth: Truth | None
    n_jobs: int


def run(options: CompareOptions, where: Delivery) -> None:
    """Run or continue a comparison, write comparison.csv and comparison.png, and show its table.

    Ctrl-C passes through, after a line that says what is kept.
    """
    path = where.folder / "comparison.csv"
    figures = [where.figure_path("comparison")] if where.figure else []
    if where.overwrite or not path.exists():
        where.prepare([path, *figures])
        where.clear([path, *figures])
    else:
        # the rows stay, and what is drawn from them is drawn again
        replace(where, overwrite=True).prepare(figures)
    rows = _collected(options, where)
    screen = console()
    _show(screen, rows)
    files = [path]
    if where.figure:
        files += drawn(lambda: _figure(rows), where.figure_path("comparison"))
    say_where(screen, files)


def _collected(options: CompareOptions, where: Delivery) -> list[ComparisonRow]:
    path = where.folder / "comparison.csv"
    total = len(options.makers) * len(options.sizes) * len(options.rates) * len(options.seeds)
    about: dict[str, Any] = {"density": options.density, "truth": options.truth}
    kept = len(read_comparison(path, **about))
    if kept:
        remark(f"{path} holds {kept} rows, which are not computed again")
    rows: list[ComparisonRow] = []
    bar = Console(stderr=True) if on_terminal() else None
    grid = (options.sizes, options.rates, options.seeds)
    found = compare(options.makers, *grid, path, **about, n_jobs=options.n_jobs)
    try:
        with progress(bar, total=total, done=0, runs=total) as advance:
            for row in found:
                rows.append(row)
                advance(1.0)
    except RuntimeError as error:
        kept = len(read_comparison(path, **about))  # those of other grids, too
        raise ValueError(f"{error}; {kept} rows are finished and kept in {path}") from None
    except KeyboardInterrupt:
        complain(
            f"{len(rows)} of {total} rows are finished and kept in {path}; the same command"
            " continues"
        )
        raise
    order = list(options.makers)
    return sorted(rows, key=lambda row: (row.m, row.p, row.seed, order.index(row.rule)))


def _show(screen: Console, rows: Sequence[ComparisonRow]) -> None:
    found = means(rows)
    rules = list(dict.fromkeys(row.rule for row in rows))
    table = plain_table("m", "p", *rules)
    for m, p in sorted({(row.m, row.p) for row in rows}):
        cells = (f"{found[rule, m, p]:.5f}" for rule in rules)
        table.add_row(f"{m:,}", f"{p:g}", *cells)
    screen.print(table)


def _figure(rows: Sequence[ComparisonRow]) -> "Figure":
    from univariate.report.plots import plot_comparison

    found = plot_comparison(rows).get_figure(root=True)
    assert found is not None
    return found
