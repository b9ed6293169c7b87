"""A study of rules that the caller makes: sample → net, over a grid of m, p and seeds.

A maker is a function from a sample to anything that has an exact clean error: a net that it trains,
`max_margin(sample).net`, `NearestNeighbours(sample, k=3)`. Rows are added to one .csv file as they
are done, by any number of processes, and a rerun does what is missing, so that a study can be
killed at any moment. Every row knows the function that made it: a rerun with another one under its
name is refused.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from inspect import isroutine
from itertools import product
from typing import Any

import numpy as np

from univariate.common import work
from univariate.common.current_folder import same_folder
from univariate.common.digests.function_digest import meaning_of
from univariate.common.files import PathLike
from univariate.common.nets.conversion import conversion
from univariate.common.random_states import seeded, turn
from univariate.common.tables.growing import GrowingTable
from univariate.common.tables.rows import RowFile
from univariate.common.version import library_version
from univariate.error.clean_error import clean_error_of
from univariate.error.one_nearest_neighbour import nearest_neighbour_clean_error
from univariate.error.rule import Rule
from univariate.problem.deep_network import DeepReluNet
from univariate.problem.density import DensityLike, lies_outside
from univariate.problem.draws import draw_sample, require_drawable
from univariate.problem.fitted import Fitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.report.comparison_rows import (
    SCHEMA,
    ComparisonRow,
    in_grid_order,
    require_ours,
    row_file,
    rows_of,
)
from univariate.report.grid import Grid, grid_of
from univariate.report.hidden import takes_rng, warn_of_generators, warn_of_reading

Maker = Callable[..., Network | Rule]
"""Sample → net or rule; one with a parameter `rng` gets a Generator there."""
_TRAINING = 1  # second word of a maker's seed; the sample has the seed alone


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
    """Yield the row of every maker on every sample of the grid, small samples first: as `path`
    holds it, or as soon as it and all before are done.

    Parameters
    ----------
    makers : mapping
        Name → function from a `Sample` to a net or a rule. One with a parameter `rng` is given a
        Generator there, which depends on m, p and the seed alone. What a maker computes is kept
        with its rows as a digest: of its definition, of the functions, classes and values of your
        own modules that it names, with attributes that these were given, of its closure and of the
        arguments of a `partial`. Formatting, comments and docstrings do not count. Objects of
        Python, NumPy and SciPy count by what they are made of, tables by their numbers, estimators
        as those of scikit-learn by their parameters. Not seen, but for the text of the module that
        makes them, are objects of other packages, generators of random numbers, moments, and what
        an estimator was fitted to before; nor are changes in installed packages (of this library's
        version they are) and in their settings, as the default type of PyTorch, in files and
        environment variables that it reads, in `sys.argv`, and in what it reaches by `globals()` or
        `sys.modules`. Modules imported within a function only give the warning below. Nothing is
        known of compiled functions, and of those whose source is not there or has changed since it
        was run.
    sizes, rates, seeds
        Values of m, p and of the seed, each a sample that all makers see.
    path : path
        CSV file, from the folder that is the current one at the call, whatever it is later; where a
        maker goes to another one, the run ends in that of before. Every new row is on disk as soon
        as it is done, unless another process has put the same there meanwhile: its row counts then.
        Rows stand there as they are done until the last one is, and from then on by m, p and seed,
        those of one sample in the order of `makers`: as they are yielded, also where they were made
        by several processes, after a kill, or for smaller samples later. Rows of other makers keep
        their places among those of their sample: where commands of different makers run at once, or
        go on after one another, these tell who was first, so pair rows by columns there.
        `pandas.DataFrame(rows)` and `pandas.read_csv(path)` are tables.
    truth : truth, optional
        f*, see `Truth.of`; f* ≡ +1 if not given.
    density : distribution, optional
        Density of x; uniform on [0, 1] if not given.
    n_jobs : int
        Processes, one thread each; makers travel to them, lambdas and closures too. The same rows
        come for any number, in the same order, of makers that keep nothing from one run to the
        next. Every run starts from states of `random`, `np.random` and PyTorch that depend on m, p,
        the seed and the name of the maker alone, and the caller's are put back: a seed set outside
        of the function changes nothing. A generator that lies outside goes on from run to run, and
        gives other rows in another order: a maker takes `rng`, and draws from that. Where several
        threads of one process compare, one of them runs a maker at a time, so a maker must not wait
        for another thread that does. Compiled code has states of its own, which nothing seeds.

    Warns
    -----
    UserWarning
        Rows of the file, or a maker, do not tell what made them; or the maker is the same as far as
        is known, and the code beside it, in its module or those of yours that it imports, has
        changed; or it may read files, the environment or `sys.argv`, which nobody can compare.
        Such rows count as finished. Or a maker holds a generator of random numbers that lies
        outside of it. Or the file cannot be replaced by one in order: in a folder that may only be
        read, or on a disk without locks.

    Raises
    ------
    ValueError
        The file holds something else, rows that cannot be, or rows of another density, truth or
        version, or of a maker of the same name that computes something else; or another process has
        put such rows there. A maker returns a rule of a sample of its own, more than half of whose
        inputs lie where x never does.
    TypeError
        A maker returns neither a net nor a rule.
    OSError
        The file is a folder, or lies in none that exists, or cannot be written.
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
    file = row_file(path)  # before the caller goes to another folder
    return _rows(
        makers, (sizes, rates, seeds), path, file, truth=truth, density=density, n_jobs=n_jobs
    )


def _rows(
    makers: Mapping[str, Maker],
    cells: Grid,
    path: PathLike,
    file: RowFile[ComparisonRow],
    *,
    truth: TruthLike | None,
    density: DensityLike | None,
    n_jobs: int,
) -> Iterator[ComparisonRow]:
    _require_makers(makers)
    population = Population.of(density, truth)
    cells = grid_of(*cells)
    require_drawable("sizes", max(cells[0]))
    grid = list(product(*cells, makers))
    n_jobs = work.processes(n_jobs)
    with turn():  # Python 3.11 fails where two threads parse at once
        meanings = {name: meaning_of(maker) for name, maker in makers.items()}
    digests = {name: one.digest for name, one in meanings.items()}
    require = partial(require_ours, path, population, digests)
    table = GrowingTable(file, require)
    require(table.before)
    done = {_key(row): row for row in table.before}
    measure = partial(_measured, dict(makers), population)
    warn_of_reading([done[key] for key in grid if key in done], meanings, path)
    todo = [key for key in grid if key not in done]
    arranged = partial(in_grid_order, makers=list(makers))
    if todo:
        file.require_place()
        warn_of_generators({name: makers[name] for *_, name in todo}, meanings)
    else:
        file.sort(arranged)  # a kill may have come before it
    left = set(todo)
    missing = work.results(todo, measure, n_jobs=n_jobs)
    for key in grid:
        # rows are kept as they come, and yielded in the order of the grid
        while key not in done:
            found, row = next(missing)
            made = replace(row, maker=digests[row.rule], version=library_version())
            done[found] = table.add(made)
            left.remove(found)
            if not left:
                file.sort(arranged)
        yield done[key]


def read_comparison(
    path: PathLike, *, truth: TruthLike | None = None, density: DensityLike | None = None
) -> Sequence[ComparisonRow]:
    """Return the rows of a file that `compare` wrote, none if there is no file.

    A last line that was cut off by a crash is removed from the file, and so are rows that it holds
    already. Raises ValueError as `compare` does.
    """
    return rows_of(path, Population.of(density, truth))


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
        interpolates=None if isinstance(made, Rule) else Fitted.of(made, sample).interpolates,
        seconds=seconds,
    )


def _made(maker: Maker, sample: Sample, key: Key) -> Network | Rule:
    m, p, seed, name = key
    more: dict[str, Any] = {}
    if takes_rng(maker):
        words = [seed, _TRAINING, m, *np.array([p]).view(np.uint32).tolist()]
        more["rng"] = np.random.default_rng(words)
    try:
        # what draws from these must not depend on the runs before, which processes divide anew
        with seeded((int(m), float(p), int(seed), name)), same_folder():
            made = maker(sample, **more)
    except (Exception, SystemExit) as error:
        raise RuntimeError(
            f"the maker {name!r} failed at m = {m}, p = {p:g}, seed {seed}: {_reason(error)}"
        ) from error
    if not isinstance(made, ReluNet | DeepReluNet | Rule):
        remedy = conversion(made, "make a ReluNet of what it has found")
        if isroutine(made) or isinstance(made, partial):
            remedy = "a function of x is one by Rule.of_function(sample, function, breakpoints)"
        raise TypeError(
            f"the maker {name!r} must return a net or a rule, got {type(made).__name__}; {remedy}"
        )
    if isinstance(made, Rule):
        _require_units(name, made, sample)
    return made


def _require_units(name: str, rule: Rule, sample: Sample) -> None:
    """Raise ValueError for a rule most of whose observations lie where x never does: in other
    units, as scaled inputs are, in which x has hardly a neighbour.
    """
    x, law = rule.sample.x, sample.density
    beyond = int(np.count_nonzero(lies_outside(x, law)))
    if 2 * beyond > len(x) and not lies_outside(sample.x, law).any():
        low, high = law.support()
        raise ValueError(
            f"the maker {name!r} must return a rule of x, which lies in [{low:g}, {high:g}], got a"
            f" {type(rule).__name__} of a sample with {beyond} of {len(x)} inputs beyond, from"
            f" {x[0]:g} to {x[-1]:g}; fit it to inputs in the units of x, or make a rule of x of it"
            " by Rule.of_function(sample, lambda x: rule(scale * x), breakpoints)"
        )


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it ends the program by sys.exit({error.code!r}); return a net or raise an error"
    return str(error) or type(error).__name__


def _key(row: ComparisonRow) -> Key:
    return row.m, row.p, row.seed, row.rule
