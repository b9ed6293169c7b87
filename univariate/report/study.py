"""A study: clean errors of max-margin nets over a grid of m, p and seeds, a line of CSV per sample.

Rows are appended one at a time and a rerun computes the missing ones only, so that a study can be
interrupted at any moment. A row is reproduced by `univariate report --m … --p … --rng …` with its
m, p and seed.
"""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from univariate.common import check
from univariate.common.document import document, write_document
from univariate.common.files import PathLike
from univariate.common.tables.claims import require_law, require_version
from univariate.common.tables.growing import GrowingTable
from univariate.common.tables.rows import RowFile
from univariate.common.version import library_version
from univariate.error.clean_error import clean_error_of
from univariate.error.one_nearest_neighbour import nearest_neighbour_clean_error
from univariate.optimum.max_margin import MaxMargin, max_margin
from univariate.paper.patterns import (
    Mass,
    isolated_negative_bound,
    negative_block_bound,
    positive_pair_bound,
)
from univariate.problem.density import DensityLike
from univariate.problem.draws import draw_sample, require_drawable
from univariate.problem.population import Population
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.report.grid import Grid, grid_of
from univariate.report.study_rows import (
    SCHEMA,
    TRAINED_SCHEMA,
    StudyRow,
    TrainedStudyRow,
    in_grid_order,
    row_file,
    summaries,
)
from univariate.training.trained import train_network


def study_row(
    m: int,
    p: float,
    seed: int,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> StudyRow:
    """Draw a sample, solve Problem (1), and measure the optimum.

    Exactness and cost as for `max_margin`.
    """
    start = time.perf_counter()
    sample = draw_sample(m, p, rng=seed, density=density, truth=truth)
    best = max_margin(sample)
    return StudyRow(schema=SCHEMA, **_measured(sample, best, p, seed), seconds=_since(start))


def trained_study_row(
    m: int,
    p: float,
    seed: int,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> TrainedStudyRow:
    """Do as `study_row` does, and train a net as `univariate report --trained` does.

    Raises KeyboardInterrupt where the training is interrupted. Cost that of `train_network`.
    """
    start = time.perf_counter()
    generator = check.generator(seed)
    sample = draw_sample(m, p, rng=generator, density=density, truth=truth)
    best = max_margin(sample)
    found = train_network(sample, rng=generator, optimum=best, p=p)
    if found.trajectory.status == "interrupted":
        raise KeyboardInterrupt
    return TrainedStudyRow(
        schema=TRAINED_SCHEMA,
        **_measured(sample, best, p, seed),
        seconds=_since(start),
        trained_clean_error=found.clean_error.value,
        trained_norm_ratio=found.norm_ratio,
        trained_level="" if found.standing is None else found.standing.level,
        trained_status=found.trajectory.status,
    )


def _measured(sample: Sample, best: MaxMargin, p: float, seed: int) -> dict[str, Any]:
    """Return what a row says about a sample and its optimum."""
    population = sample.population()
    error = clean_error_of(best.net, population)
    return {
        "density": population.name,
        "m": sample.size,
        "p": p,
        "seed": seed,
        "noise_rate": sample.noise_rate,
        "sign_changes": len(sample.sign_changes),
        "clean_error": error.value,
        "clean_error_low": error.low,
        "clean_error_high": error.high,
        "nearest_neighbour": nearest_neighbour_clean_error(sample).value,
        **_bounds(sample, p),
        "norm_squared": best.norm_squared,
        "duality_gap": best.duality_gap,
        "method": best.method,
        "version": library_version(),
    }


def _bounds(sample: Sample, p: float) -> dict[str, float | None]:
    """Return the realised bounds of the theorems, which are about f* ≡ +1."""
    if not sample.truth.is_positive:
        return dict.fromkeys(("lower_3_1", "lower_3_2", "upper_3_2"))
    mass: Mass = sample.density.cdf
    return {
        "lower_3_1": float(negative_block_bound(sample, p, mass).realised),
        "lower_3_2": isolated_negative_bound(sample, p, mass).realised,
        "upper_3_2": positive_pair_bound(sample, p, mass).realised,
    }


def _since(start: float) -> float:
    return time.perf_counter() - start


def run_study(
    sizes: Sequence[int],
    rates: Sequence[float],
    seeds: Sequence[int],
    path: PathLike,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    trained: bool = False,
) -> Iterator[StudyRow]:
    """Yield the rows of the grid sizes × rates × seeds, cheap ones first, reading those that `path`
    already holds.

    Parameters
    ----------
    sizes, rates, seeds
        Values of m, p and of the seed. Samples of one seed and one m share their inputs across p.
    path : path
        CSV file, from the folder that is the current one at the call, whatever it is later; every
        new row is appended, and on disk, before it is yielded. Where another process has put the
        same there meanwhile, its row counts. With the last new one all rows of the file, those of
        other grids too, stand by m, p and seed.
    truth : truth, optional
        f*, see `Truth.of`; f* ≡ +1 if not given.
    density : distribution, optional
        Density of x; uniform on [0, 1] if not given.
    trained : bool
        Train a net on every sample too; rows are `TrainedStudyRow` then.

    Warns
    -----
    UserWarning
        The file cannot be replaced by one in order: in a folder that may only be read, or on a disk
        without locks.

    Raises
    ------
    ValueError
        The file holds something else, rows that cannot be, or rows of another density, truth or
        version; or another process has put such rows there.
    OSError
        The file is a folder, or lies in none that exists, or cannot be written.
    """
    file = row_file(path, trained)  # before the caller goes to another folder
    told = Population.of(density, truth)
    return _rows((sizes, rates, seeds), path, file, told, trained)


def _rows(
    cells: Grid, path: PathLike, file: RowFile[Any], told: Population, trained: bool
) -> Iterator[StudyRow]:
    cells = grid_of(*cells, ("m", "p", "seed"))
    require_drawable("m", max(cells[0]))
    grid = list(itertools.product(*cells))
    require = partial(_require_ours, path, told, trained)
    table = GrowingTable(file, require)
    require(table.before)
    known = {file.key_of(row): row for row in table.before}
    measure = trained_study_row if trained else study_row
    todo = [cell for cell in grid if cell not in known]
    if todo:
        file.require_place()
    else:
        file.sort(in_grid_order)  # a kill may have come before it
    for cell in grid:
        row = known.get(cell)
        if row is None:
            row = table.add(measure(*cell, truth=told.truth, density=told.density))
            if cell == todo[-1]:
                file.sort(in_grid_order)
        yield row


def _require_ours(
    path: PathLike, told: Population, trained: bool, rows: Sequence[StudyRow]
) -> None:
    """Raise ValueError for rows beside which those of a study must not stand."""
    schema = TRAINED_SCHEMA if trained else SCHEMA
    require_law(path, ((row.schema, row.density) for row in rows), schema, told.name)
    require_version(path, (row.version for row in rows), library_version())


def read_study(
    path: PathLike,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    trained: bool = False,
) -> Sequence[StudyRow]:
    """Return the rows of a study file, none if there is no file.

    A last line that was cut off by a crash is removed from the file, and so are rows that it holds
    already. Raises ValueError as `run_study` does.
    """
    rows = row_file(path, trained).read()
    schema = TRAINED_SCHEMA if trained else SCHEMA
    wanted = Population.of(density, truth).name
    require_law(path, ((row.schema, row.density) for row in rows), schema, wanted)
    return rows


def write_study_json(
    rows: Sequence[StudyRow], path: PathLike, *, origin: Mapping[str, Any] | None = None
) -> Path:
    """Write averages over seeds as strictly valid JSON, with schema, package versions and
    `origin`.
    """
    content = {"origin": document(dict(origin or {})), **study_content(rows)}
    return write_document(content, path, SCHEMA)


def study_content(rows: Sequence[StudyRow]) -> dict[str, Any]:
    """Return what the JSON of a study says of its rows."""
    return {
        "rows": len(rows),
        "summaries": [summary.to_dict() for summary in summaries(rows)],
    }
