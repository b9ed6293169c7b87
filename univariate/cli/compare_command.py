"""A comparison on the command line: progress on stderr, a table on stdout, two files."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from univariate.common.console import complain, console, on_terminal, remark, say_where
from univariate.common.delivery import Delivery, drawn
from univariate.common.screens import Numbers
from univariate.common.tables.claims import require_kept
from univariate.common.tables.ownership import digest_of
from univariate.common.work import progress
from univariate.problem.draws import require_drawable
from univariate.problem.population import Population
from univariate.report.comparison import Maker, compare, read_comparison
from univariate.report.comparison_rows import ComparisonRow, ComparisonSummary, summaries
from univariate.report.grid import Grid
from univariate.report.screens.parts import plain_table, population_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def run(
    makers: Mapping[str, Maker],
    grid: Grid,
    where: Delivery,
    *,
    population: Population,
    n_jobs: int,
) -> None:
    """Run or continue a comparison, write comparison.csv and comparison.png, and show its table.

    Ctrl-C passes through, after a line that says what is kept.
    """
    require_drawable("m", max(grid[0]))
    path = where.folder / "comparison.csv"
    figures = where.pictures("comparison")
    where = where.begun(path, figures)
    about: dict[str, Any] = {"density": population.density, "truth": population.truth}
    rows = _collected(makers, grid, path, about, n_jobs)
    where = where.again(figures)
    with where.turn("comparison"):
        # all that the file holds, so that a smaller study takes nothing away
        kept = read_comparison(path, **about)
        require_kept(path, rows, kept, ("m", "p", "seed", "rule"))
        digest = digest_of(row.to_dict() for row in kept)
        where.drop_stale(where.pictures("comparison"), digest, path)
        screen = console()
        screen.print(population_line(population))
        screen.print(Numbers(_table(summaries(rows))))
        drawings: list[Path] = []
        if where.figure:
            order = [*makers, *(row.rule for row in kept)]
            place = where.figure_path("comparison")
            drawings = drawn(lambda: _figure(kept, order), place, digest=digest)
        if drawings and len(kept) > len(rows):
            remark(f"the figure shows all {len(kept)} rows of {path}, the table those asked for")
        say_where(screen, [path.resolve(), *drawings])


def _collected(
    makers: Mapping[str, Maker], grid: Grid, path: Path, about: dict[str, Any], n_jobs: int
) -> list[ComparisonRow]:
    total = len(makers) * prod(map(len, grid))
    before = len(read_comparison(path, **about))
    rows: list[ComparisonRow] = []
    bar = Console(stderr=True) if on_terminal() else None
    found = compare(makers, *grid, path, **about, n_jobs=n_jobs)
    try:
        with progress(bar, total=total, done=0, runs=total) as advance:
            for row in found:
                if before and not rows:
                    remark(f"{path} holds {before} rows, which are not computed again")
                rows.append(row)
                advance(1.0)
    except RuntimeError as error:
        kept = len(read_comparison(path, **about))  # those of other grids, too
        rest = f"; {kept} rows are finished and kept in {path}" if kept else ""
        raise ValueError(f"{error}{rest}") from None
    except KeyboardInterrupt:
        kept = len(read_comparison(path, **about))
        if kept:
            complain(f"{kept} rows are finished and kept in {path}; the same command continues")
        raise
    return rows


def _table(found: Sequence[ComparisonSummary]) -> Table:
    table = plain_table(
        "m", "p", "rule", "seeds", "mean L_cl", "smallest", "largest", "interpolate"
    )
    rules = table.columns[2]  # it gives way where lines are short, numbers do not
    rules.no_wrap = False
    rules.overflow = "fold"
    rules.justify = "left"
    for one in found:
        errors = (f"{value:.5f}" for value in (one.clean_error, one.smallest, one.largest))
        nets = f"{one.interpolating} of {one.nets}" if one.nets else "–"
        table.add_row(f"{one.m:,}", f"{one.p:g}", Text(one.rule), str(one.seeds), *errors, nets)
    return table


def _figure(rows: Sequence[ComparisonRow], order: Sequence[str]) -> "Figure":
    from univariate.report.plots import plot_comparison

    found = plot_comparison(rows, rules=list(dict.fromkeys(order))).get_figure(root=True)
    assert found is not None
    return found
