"""A study on the command line: progress on stderr, a table on stdout, three files."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from univariate.common.console import complain, console, on_terminal, remark, say_where
from univariate.common.delivery import Delivery, drawn
from univariate.common.screens import Numbers
from univariate.common.tables.claims import require_kept
from univariate.common.tables.ownership import digest_of
from univariate.common.words import at_most
from univariate.common.work import progress
from univariate.problem.population import Population
from univariate.report.grid import Grid
from univariate.report.screens.parts import plain_table, population_line
from univariate.report.study import read_study, run_study, study_content, write_study_json
from univariate.report.study_rows import StudyRow, furthest, summaries

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def study(
    grid: Grid,
    where: Delivery,
    *,
    population: Population,
    origin: Mapping[str, Any],
    trained: bool = False,
) -> None:
    """Run or continue a study, write study.csv, study.json and study.png, and show its table.

    Ctrl-C passes through, after a line that says what is kept.
    """
    path = where.folder / "study.csv"
    made = [one for one in where.products("study", path.name) if one != path]
    where = where.begun(path, made)
    rows = _collect(grid, path, population, trained)
    where = where.again(made)
    with where.turn("study"):
        # all that the file holds, so that a smaller study takes nothing away
        kept = read_study(path, truth=population.truth, density=population.density, trained=trained)
        require_kept(path, rows, kept, ("m", "p", "seed"))
        digest = digest_of(row.to_dict() for row in kept)
        where.drop_stale(where.pictures("study"), digest, path)
        where.drop_stale_json("study", study_content(kept), path)
        others = len(kept) - len(rows)
        if others:
            origin = {**origin, "rows_of_other_commands": others}
        files = [path.resolve(), write_study_json(kept, where.json_path("study"), origin=origin)]
        screen = console()
        screen.print(population_line(population))
        _show(screen, rows)
        figures: list[Path] = []
        if where.figure:
            figures = drawn(lambda: _figure(kept), where.figure_path("study"), digest=digest)
        if others:
            which = "the JSON and the figure are" if figures else "the JSON is"
            remark(f"{which} of all {len(kept)} rows of {path}, the table of those asked for")
        say_where(screen, [*files, *figures])


_BOUNDS: Final = (
    "bounds (realised): those of Theorem 3.2 with explicit constants, evaluated on the gaps and the"
    " labels that the samples have, not in expectation over labels; means over seeds"
)
"""What a column of the table is."""


def _figure(rows: Sequence[StudyRow]) -> "Figure":
    from univariate.report.plots import plot_study

    found = plot_study(rows).get_figure(root=True)
    assert found is not None
    return found


def _collect(grid: Grid, path: Path, population: Population, trained: bool) -> list[StudyRow]:
    cells = set(product(*grid))
    total = len(cells)
    rows: list[StudyRow] = []
    told: dict[str, Any] = {
        "truth": population.truth,
        "density": population.density,
        "trained": trained,
    }
    kept = len(read_study(path, **told))
    if kept:
        remark(f"{path} holds {kept} rows, which are not computed again")
    screen = Console(stderr=True) if on_terminal() else None
    try:
        with progress(screen, total=total, done=0, runs=total) as advance:
            for row in run_study(*grid, path, **told):
                rows.append(row)
                advance(1.0)
    except KeyboardInterrupt:
        # the file may have rows that have not been yielded
        made = cells.intersection((row.m, row.p, row.seed) for row in read_study(path, **told))
        complain(
            f"{len(made)} of {total} rows are finished and kept in {path}; the same command"
            " continues"
        )
        raise
    return rows


def _show(screen: Console, rows: Sequence[StudyRow]) -> None:
    found = summaries(rows)
    names = ["p", "seeds", "mean L_cl", "smallest", "largest", "L_cl / p", "1-NN"]
    with_trained = any(one.trained_clean_error is not None for one in found)
    if with_trained:
        names.append("trained")
    table = plain_table("m", *names, "bounds (realised)")
    for one in found:
        ratio = f"{one.clean_error / one.p:.4g}" if one.p > 0.0 else "–"
        errors = (f"{value:.5f}" for value in (one.clean_error, one.smallest, one.largest))
        bounds = "–"
        if one.lower is not None and one.upper is not None:
            bounds = f"{one.lower:.4f} to {one.upper:.4f}"
        table.add_row(
            f"{one.m:,}",
            f"{one.p:g}",
            str(one.seeds),
            *errors,
            ratio,
            f"{one.nearest_neighbour:.5f}",
            *([f"{one.trained_clean_error:.5f}"] if with_trained else []),
            bounds,
        )
    screen.print(Numbers(table))
    if any(one.lower is not None for one in found):
        screen.print(Text(_BOUNDS, style="dim"))
    gap = max(row.duality_gap for row in rows)
    screen.print(
        Text(
            f"\n{len(rows)} max-margin nets, each found to a relative {at_most(gap, 2)}: their"
            " clean errors are those of the 1-nearest-neighbour rule to"
            f" {at_most(furthest(rows), 2)}{_outside(rows)}.",
            style="bold",
        )
    )


def _outside(rows: Sequence[StudyRow]) -> str:
    """Say how many errors lie outside the realised bounds, where there are bounds."""
    found = [
        row.lower_3_2 <= row.clean_error <= row.upper_3_2
        for row in rows
        if row.lower_3_2 is not None and row.upper_3_2 is not None
    ]
    if not found:
        return f" (x {rows[0].density}, of which the realised bounds do not speak)"
    return f", and {found.count(False) or 'none'} lie outside the realised bounds"
