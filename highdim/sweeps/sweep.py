"""Many training runs, each a row in a store: what is missing is done, here or on a cluster."""

from collections.abc import Iterable
from dataclasses import MISSING, asdict, fields
from math import log
from typing import Any, Final

from rich.console import Console

from highdim.problem.draws import require_drawable
from highdim.sweeps.measuring import run_one
from highdim.sweeps.runs import RunConfig
from highdim.sweeps.store import ERROR_LAW, Record, Store, stored_rows
from highdim.training.starts import require_place
from univariate.common import check, work
from univariate.common.files import PathLike, path_of
from univariate.common.version import library_version

BACKENDS: Final = ("loky", "dask")


def sweep(
    configurations: Iterable[RunConfig],
    store: PathLike,
    *,
    n_jobs: int = 1,
    backend: str = "loky",
    progress: bool = False,
) -> tuple[Record, ...]:
    """Do the runs that a store lacks, and return the rows of all of them.

    Parameters
    ----------
    configurations : iterable of RunConfig
        `grid` makes them.
    store : path-like
        An SQLite file, created if missing; one transaction for every finished run, so that a run is
        there whole or not at all, whatever happens to this process. Runs that end within a quarter
        of a second after others stay beside the file, in its -wal, until the next one or the end.
    n_jobs : int
        Processes, each with one thread; rows do not depend on it.
    backend : str
        Of joblib: "loky", local processes, or "dask", the workers of the current
        `distributed.Client` (extra `[cluster]`).
    progress : bool
        Show runs, rate and time left on stderr.

    Returns
    -------
    tuple of dict
        {**configuration, **record}, in the order of the configurations; each once. A run draws by
        its sizes and its seed: seed 1 is not `rng=1` of `draw_sphere_sample`, nor `--rng 1` of
        `highdim report`. `RunConfig.of(row)` gives the sample and the trained net of a row.

    Raises
    ------
    TypeError, ValueError, OSError
        No configurations, runs that memory does not hold (local processes), no such backend or no
        client of Dask, or a store of another kind or version.
    ModuleNotFoundError
        "dask" without Dask.

    Ctrl-C ends the sweep; finished runs are kept, and the same call goes on.
    """
    wanted = list(dict.fromkeys(_runs(configurations)))
    jobs = work.processes(n_jobs)
    check.choice("backend", backend, BACKENDS)
    work.require_backend(backend)
    if backend == "loky" and not path_of(store, "store").exists():
        _require_memory(wanted)  # and nothing is begun
    with Store(store, library_version()) as kept:
        # by value: older stores have keys in which 5 is another text than 5.0
        done_before = {configured(row) for row in kept.rows()}
        missing = [one for one in wanted if configured(one.key) not in done_before]
        if backend == "loky":
            _require_memory(missing)
        missing.sort(key=_cost, reverse=True)  # long runs first: the last ones to finish are short
        console = Console(stderr=True) if progress else None
        cost = sum(map(_cost, missing))
        done = len(wanted) - len(missing)
        with work.progress(console, total=cost, done=done, runs=len(wanted)) as advance:
            for one, record in work.results(missing, run_one, n_jobs=jobs, backend=backend):
                kept.add(one.key, record)
                advance(_cost(one))
        rows = {configured(row): row for row in kept.rows()}
    # numbers are those of the configuration, whatever their text in the key
    return tuple(asdict(one) | rows[configured(one.key)] | asdict(one) for one in wanted)


def _require_memory(runs: Iterable[RunConfig]) -> None:
    """Raise ValueError, before the first run, for one that this machine cannot hold."""
    for one in runs:
        require_drawable(one.m, one.d)
        require_place((one.width, one.width), one.d, one.depth)


def _runs(configurations: Iterable[RunConfig]) -> list[RunConfig]:
    """Return the configurations; raise TypeError for anything else."""
    found = list(configurations) if isinstance(configurations, Iterable) else [configurations]
    for one in found:
        if not isinstance(one, RunConfig):
            raise TypeError(
                f"`configurations` must be RunConfigs, got {type(one).__name__}; pass"
                " grid(m=100, d=500, p=(0.1, 0.2)), say"
            )
    return found


def finished(store: PathLike) -> list[Record]:
    """Return all rows of a store as `sweep` does, by key.

    Raises FileNotFoundError or ValueError as `stored_rows` does.
    """
    defaults = {one.name: one.default for one in fields(RunConfig) if one.default is not MISSING}
    order = [one.name for one in fields(RunConfig)]
    found = [defaults | row for row in stored_rows(store, library_version())]
    return [{name: row[name] for name in order} | row for row in found]


def _cost(one: RunConfig) -> float:
    """Return roughly how long a run takes: products m × m × n, and drawing the sample."""
    layers = one.depth - 1.0
    products = one.flow_time * one.m**2 * one.width * layers
    return products * log(2.0 + one.m) + one.m * one.d


def configured(row: Record) -> tuple[Any, ...]:
    """Return the configuration of a row, or of a key, by value: 5 is 5.0."""
    known = (row.get(field.name, field.default) for field in fields(RunConfig))
    return (*known, row.get(ERROR_LAW))
