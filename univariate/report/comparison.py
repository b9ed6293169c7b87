"""A study of rules that the caller makes: sample → net, over a grid of m, p and seeds.

A maker is a function from a sample to anything that has an exact clean error: a net that it trains,
`max_margin(sample).net`, `NearestNeighbours(sample, k=3)`. Rows are added to one .csv file as they
are done, by any number of processes, and a rerun does what is missing, so that a study can be
killed at any moment.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import signature
from itertools import product
from math import fsum
from pathlib import Path
from typing import Any

import numpy as np

from univariate.common import check, work
from univariate.common.files import PathLike
from univariate.common.result import Result, Verdict
from univariate.common.rows import RowFile
from univariate.error.clean_error import clean_error_of
from univariate.error.one_nearest_neighbour import nearest_neighbour_clean_error
from univariate.error.rule import Rule
from univariate.problem.density import DensityLike
from univariate.problem.fitted import interpolates
from univariate.problem.network import DeepReluNet, Network, ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample, draw_sample
from univariate.problem.truth import TruthLike

SCHEMA = "univariate.comparison/1"

Maker = Callable[..., Network | Rule]
"""Sample → net or rule; one with a parameter `rng` gets a Generator there."""
_TRAINING = 1  # second word of a maker's seed; the sample has the seed alone


@dataclass(frozen=True, repr=False)
class ComparisonRow(Result):
    """What one maker made of one sample.

    Attributes
    ----------
    rule : str
        Name of the maker.
    density : str
        The law of x and, unless that is f* ≡ +1, the truth.
    clean_error, clean_error_low, clean_error_high : float
        L_cl with its enclosure.
    nearest_neighbour : float
        The clean error of the 1-NN rule on the same sample.
    interpolates : bool or None
        Whether a net has every label right; None for other rules.
    seconds : float
        That the maker took.
    """

    schema: str
    rule: str
    density: str
    m: int
    p: float
    seed: int
    noise_rate: float
    clean_error: float
    clean_error_low: float
    clean_error_high: float
    nearest_neighbour: float
    interpolates: bool | None
    seconds: float


Key = tuple[int, float, int, str]
"""m, p, seed, name of the maker."""


def compare(
    makers: Mapping[str, Maker],
    sizes: Sequence[int],
    rates: Sequence[float],
    seeds: Sequence[int],
    path: PathLike,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    n_jobs: int = 1,
) -> Iterator[ComparisonRow]:
    """Yield the row of every maker on every sample of the grid: those that `path` holds already,
    and the others as they are done, small samples first.

    Parameters
    ----------
    makers : mapping
        Name → function from a `Sample` to a net or a rule. One with a parameter `rng` is given a
        Generator there, which depends on m, p and the seed alone. A row is known by its name: a
        maker that changes needs a new one.
    sizes, rates, seeds
        Values of m, p and of the seed, each a sample that all makers see.
    path : path
        CSV file; every new row is on disk before it is yielded. `pandas.DataFrame(rows)` and
        `pandas.read_csv(path)` are tables.
    truth : truth, optional
        f*, see `Truth.of`; f* ≡ +1 if not given.
    density : distribution, optional
        Density of x; uniform on [0, 1] if not given.
    n_jobs : int
        Processes, one thread each; makers travel to them, lambdas and closures too. The same rows
        come for any number.

    Raises
    ------
    ValueError
        The file holds something else, or rows of another density or truth.
    TypeError
        A maker returns neither a net nor a rule.
    RuntimeError
        A maker failed; the message says on which sample. Rows before it are kept.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from univariate import NadarayaWatson, compare, max_margin
    >>> makers = {"max margin": lambda sample: max_margin(sample).net, "NW": NadarayaWatson}
    >>> rows = list(compare(makers, [50], [0.2], range(3), f"{mkdtemp()}/rows.csv"))
    >>> [row.rule for row in rows]
    ['max margin', 'NW', 'max margin', 'NW', 'max margin', 'NW']
    >>> all(row.clean_error_low <= row.clean_error <= row.clean_error_high for row in rows)
    True
    """
    _require_makers(makers)
    population = Population.of(density, truth)
    grid = list(product(
        sorted({check.count("sizes", m) for m in check.several("sizes", sizes, "[100]")}),
        sorted({check.probability("rates", p) for p in check.several("rates", rates, "[0.1]")}),
        sorted({
            check.count("seeds", seed, least=0)
            for seed in check.several("seeds", seeds, "range(5)")
        }),
        makers,
    ))  # fmt: skip
    n_jobs = check.count("n_jobs", n_jobs)
    known = {_key(row): row for row in _read(path, population)}
    yield from (known[key] for key in grid if key in known)
    missing = [key for key in grid if key not in known]
    measure = partial(_measured, dict(makers), population)
    for _, row in work.results(missing, measure, n_jobs=n_jobs):
        _file(path).append(row)
        yield row


def read_comparison(
    path: PathLike, *, truth: TruthLike | None = None, density: DensityLike | None = None
) -> Sequence[ComparisonRow]:
    """Return the rows of a file that `compare` wrote, none if there is no file.

    A last line that was cut off by a crash is removed from the file. Raises ValueError as `compare`
    does.
    """
    return _read(path, Population.of(density, truth))


def means(rows: Sequence[ComparisonRow]) -> dict[tuple[str, int, float], float]:
    """Return mean clean errors over seeds by (rule, m, p), in the order of first occurrence."""
    found: dict[tuple[str, int, float], list[float]] = {}
    for row in rows:
        found.setdefault((row.rule, row.m, row.p), []).append(row.clean_error)
    return {key: fsum(errors) / len(errors) for key, errors in found.items()}


def _read(path: PathLike, population: Population) -> Sequence[ComparisonRow]:
    rows = _file(path).read()
    for row in rows:
        if row.schema != SCHEMA or row.density != population.name:
            raise ValueError(
                f"{str(path)!r} holds rows of {row.schema}, x {row.density}; expected {SCHEMA}, x"
                f" {population.name}; choose another file, or the same density and truth"
            )
    return rows


def _require_makers(makers: object) -> None:
    if isinstance(makers, Mapping) and not makers:
        raise ValueError("`makers` must not be empty, got {}; pass e.g. {'mine': train}")
    if not isinstance(makers, Mapping):
        raise TypeError(
            "`makers` must be a mapping of names to functions of a sample, got"
            f" {type(makers).__name__}; pass e.g. {{'mine': train}}"
        )
    for name, maker in makers.items():
        if not isinstance(name, str) or not callable(maker):
            raise TypeError(
                f"`makers` must map names to functions, got {name!r}: {type(maker).__name__}; pass"
                " e.g. {'mine': train}"
            )


def _measured(makers: Mapping[str, Maker], population: Population, key: Key) -> ComparisonRow:
    m, p, seed, name = key
    sample = draw_sample(m, p, rng=seed, density=population.density, truth=population.truth)
    start = time.perf_counter()
    made = _made(makers[name], sample, key)
    seconds = time.perf_counter() - start
    error = clean_error_of(made, population)
    return ComparisonRow(
        schema=SCHEMA,
        rule=name,
        density=population.name,
        m=m,
        p=p,
        seed=seed,
        noise_rate=sample.noise_rate,
        clean_error=error.value,
        clean_error_low=error.low,
        clean_error_high=error.high,
        nearest_neighbour=nearest_neighbour_clean_error(sample).value,
        interpolates=None if isinstance(made, Rule) else _interpolates(made, sample),
        seconds=seconds,
    )


def _interpolates(net: Network, sample: Sample) -> bool:
    return interpolates(net, sample).verdict is Verdict.HOLDS


def _made(maker: Maker, sample: Sample, key: Key) -> Network | Rule:
    m, p, seed, name = key
    more: dict[str, Any] = {}
    if _takes_rng(maker):
        words = [seed, _TRAINING, m, *np.array([p]).view(np.uint32).tolist()]
        more["rng"] = np.random.default_rng(words)
    try:
        made = maker(sample, **more)
    except (Exception, SystemExit) as error:
        raise RuntimeError(
            f"the maker {name!r} failed at m = {m}, p = {p:g}, seed {seed}: {_reason(error)}"
        ) from error
    if not isinstance(made, ReluNet | DeepReluNet | Rule):
        raise TypeError(
            f"the maker {name!r} must return a net or a rule, got {type(made).__name__}; wrap a"
            " module as ReluNet.from_torch(module)"
        )
    return made


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it ends the program by sys.exit({error.code!r}); return a net or raise an error"
    return str(error) or type(error).__name__


def _takes_rng(maker: Maker) -> bool:
    try:
        return "rng" in signature(maker).parameters
    except (TypeError, ValueError):  # of a builtin
        return False


def _key(row: ComparisonRow) -> Key:
    return row.m, row.p, row.seed, row.rule


def _file(path: PathLike) -> RowFile[ComparisonRow]:
    return RowFile(Path(path), ComparisonRow, "comparison", SCHEMA)
