"""A study: clean errors of max-margin nets over a grid of m, p and seeds, a line of CSV per sample.

Rows are appended one at a time and a rerun computes the missing ones only, so that a study can be
interrupted at any moment. A row is reproduced by `univariate report --m … --p … --rng …` with its
m, p and seed.
"""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from pathlib import Path
from typing import Any

from univariate.common import check
from univariate.common.document import document, library_version, write_document
from univariate.common.files import PathLike, path_of
from univariate.common.result import Result
from univariate.common.rows import RowFile, require_law, require_version
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
from univariate.problem.population import Population
from univariate.problem.sample import Sample, draw_sample
from univariate.problem.truth import TruthLike
from univariate.training.trained import train_network

SCHEMA = "univariate.study/1"
TRAINED_SCHEMA = "univariate.trained_study/1"


@dataclass(frozen=True, repr=False)
class StudyRow(Result):
    """The max-margin net of one sample: its clean error, the 1-NN one, and realised bounds.

    `clean_error` is that of the net in doubles that `max_margin` found, to `duality_gap`; of the
    optimum itself, on [0, 1] with at least three sign changes, it is `nearest_neighbour`, exactly.

    `density` names the law of x and, unless that is f* ≡ +1, the truth; the bounds are about f* ≡
    +1, and None under another truth. `version` is that of this library, "" in files of before it
    was kept.
    """

    schema: str
    density: str
    m: int
    p: float
    seed: int
    noise_rate: float
    sign_changes: int
    clean_error: float
    clean_error_low: float
    clean_error_high: float
    nearest_neighbour: float
    lower_3_1: float | None
    lower_3_2: float | None
    upper_3_2: float | None
    norm_squared: float
    duality_gap: float
    method: str
    seconds: float
    version: str = field(default="", kw_only=True)


@dataclass(frozen=True, repr=False)
class TrainedStudyRow(StudyRow):
    """A row with a net trained on the sample: its clean error, its norm² over that found by
    `max_margin` (see `TrainedNet`; None where it does not interpolate), where it stands (""
    where that is not decided), and how its run ended.
    """

    trained_clean_error: float
    trained_norm_ratio: float | None
    trained_level: str
    trained_status: str


@dataclass(frozen=True, repr=False)
class StudySummary(Result):
    """Rows of one m and p, averaged over seeds; bounds are None where those of a row are."""

    m: int
    p: float
    seeds: int
    clean_error: float
    smallest: float
    largest: float
    nearest_neighbour: float
    lower: float | None
    upper: float | None
    largest_gap: float
    trained_clean_error: float | None = None


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
        CSV file; every new row is appended, and on disk, before it is yielded.
    truth : truth, optional
        f*, see `Truth.of`; f* ≡ +1 if not given.
    density : distribution, optional
        Density of x; uniform on [0, 1] if not given.
    trained : bool
        Train a net on every sample too; rows are `TrainedStudyRow` then.

    Raises
    ------
    ValueError
        The file holds something else, or rows of another density, truth or version.
    """
    grid = list(itertools.product(
        sorted({check.count("m", m) for m in check.several("sizes", sizes, "[100]")}),
        sorted({check.probability("p", p) for p in check.several("rates", rates, "[0.1]")}),
        sorted({
            check.count("seed", seed, least=0)
            for seed in check.several("seeds", seeds, "range(5)")
        }),
    ))  # fmt: skip
    told = Population.of(density, truth)
    before = read_study(path, truth=told.truth, density=told.density, trained=trained)
    require_version(path, (row.version for row in before), library_version())
    known = {(row.m, row.p, row.seed): row for row in before}
    measure = trained_study_row if trained else study_row
    for cell in grid:
        row = known.get(cell)
        if row is None:
            row = measure(*cell, truth=told.truth, density=told.density)
            _file(path, trained).append(row)
        yield row


def read_study(
    path: PathLike,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    trained: bool = False,
) -> Sequence[StudyRow]:
    """Return the rows of a study file, none if there is no file.

    A last line that was cut off by a crash is removed from the file. Raises ValueError as
    `run_study` does.
    """
    rows = _file(path, trained).read()
    schema = TRAINED_SCHEMA if trained else SCHEMA
    wanted = Population.of(density, truth).name
    require_law(path, ((row.schema, row.density) for row in rows), schema, wanted)
    return rows


def summaries(rows: Sequence[StudyRow]) -> list[StudySummary]:
    """Return averages over seeds for every m and p that occurs, in that order."""
    found = []
    for m, p in sorted({(row.m, row.p) for row in rows}):
        group = [row for row in rows if (row.m, row.p) == (m, p)]
        errors = [row.clean_error for row in group]
        found.append(
            StudySummary(
                m,
                p,
                seeds=len(group),
                clean_error=_mean(errors),
                smallest=min(errors),
                largest=max(errors),
                nearest_neighbour=_mean([row.nearest_neighbour for row in group]),
                lower=_known_mean([row.lower_3_2 for row in group]),
                upper=_known_mean([row.upper_3_2 for row in group]),
                largest_gap=max(row.duality_gap for row in group),
                trained_clean_error=_trained_mean(group),
            )
        )
    return found


def write_study_json(
    rows: Sequence[StudyRow], path: PathLike, *, origin: Mapping[str, Any] | None = None
) -> Path:
    """Write averages over seeds as strictly valid JSON, with schema, package versions and
    `origin`.
    """
    content = {
        "origin": document(dict(origin or {})),
        "rows": len(rows),
        "summaries": [summary.to_dict() for summary in summaries(rows)],
    }
    return write_document(content, path, SCHEMA)


def _trained_mean(rows: Sequence[StudyRow]) -> float | None:
    found = [row.trained_clean_error for row in rows if isinstance(row, TrainedStudyRow)]
    return _mean(found) if found else None


def _known_mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _mean(known) if len(known) == len(values) else None


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _file(path: PathLike, trained: bool) -> RowFile[Any]:
    kept: dict[str, Any] = {"later": ("version",), "key": ("m", "p", "seed")}
    if trained:
        name = "study with trained nets"
        return RowFile(path_of(path), TrainedStudyRow, name, TRAINED_SCHEMA, **kept)
    return RowFile(path_of(path), StudyRow, "study", SCHEMA, **kept)
