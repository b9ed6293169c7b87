"""A study on the command line: progress on stderr, a table on stdout, three files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from univariate.common.console import complain, console, save_figure, say_where
from univariate.common.work import progress
from univariate.report.screens.parts import plain_table
from univariate.report.study import StudyRow, read_study, run_study, summaries, write_study_json

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen

Grid = tuple[Sequence[int], Sequence[float], Sequence[int]]


def study(
    grid: Grid,
    folder: Path,
    *,
    density: "rv_frozen | None",
    origin: Mapping[str, Any],
    figure: bool,
) -> None:
    """Run or continue a study, write study.csv, study.json and study.png, and show its table.

    Ctrl-C passes through, after a line that says what is kept.
    """
    path = folder / "study.csv"
    rows = _collect(grid, path, density)
    files = [path, write_study_json(rows, folder / "study.json", origin=origin)]
    screen = console()
    _show(screen, rows)
    if figure:
        from univariate.report.plots import plot_study

        drawn = plot_study(rows).get_figure(root=True)
        files += [save_figure(drawn, folder / "study.png")] if drawn is not None else []
    say_where(screen, files)


def _collect(grid: Grid, path: Path, density: "rv_frozen | None") -> list[StudyRow]:
    sizes, rates, seeds = grid
    total = len(sizes) * len(rates) * len(seeds)
    rows: list[StudyRow] = []
    kept = len(read_study(path, density=density))
    if kept:
        complain(f"{path} holds {kept} rows, which are not computed again")
    try:
        with progress(Console(stderr=True), total=total, done=0, runs=total) as advance:
            for row in run_study(sizes, rates, seeds, path, density=density):
                rows.append(row)
                advance(1.0)
    except KeyboardInterrupt:
        complain(
            f"{len(rows)} of {total} rows are finished and kept in {path}; the same command"
            " continues"
        )
        raise
    return rows


def _show(screen: Console, rows: Sequence[StudyRow]) -> None:
    found = summaries(rows)
    names = ("p", "seeds", "mean L_cl", "smallest", "largest", "L_cl / p", "1-NN")
    table = plain_table("m", *names, "bounds (realised)")
    for one in found:
        ratio = f"{one.clean_error / one.p:.4g}" if one.p > 0.0 else "–"
        errors = (f"{value:.5f}" for value in (one.clean_error, one.smallest, one.largest))
        bounds = f"{one.lower:.4f} to {one.upper:.4f}"
        table.add_row(
            f"{one.m:,}",
            f"{one.p:g}",
            str(one.seeds),
            *errors,
            ratio,
            f"{one.nearest_neighbour:.5f}",
            bounds,
        )
    screen.print(table)
    worst = max(abs(row.clean_error - row.nearest_neighbour) for row in rows)
    gap = max(row.duality_gap for row in rows)
    outside = sum(not row.lower_3_2 <= row.clean_error <= row.upper_3_2 for row in rows)
    screen.print(
        Text(
            f"\n{len(rows)} max-margin nets, each optimal to a relative {gap:.1e}: their clean"
            f" errors are those of the 1-nearest-neighbour rule to {worst:.1e}, and"
            f" {outside or 'none'} lie outside the realised bounds.",
            style="bold",
        )
    )
