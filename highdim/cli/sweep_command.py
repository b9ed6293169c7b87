"""The commands `highdim sweep` and `highdim figure`: runs over a grid, or of a figure of the paper,
and what is made of them.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from highdim.sweeps.exporting import export
from highdim.sweeps.held import lost, saved_anew
from highdim.sweeps.presets import protocol_time
from highdim.sweeps.runs import RunConfig, grid
from highdim.sweeps.screen import polish_lines, sweep_numbers
from highdim.sweeps.store import Record
from highdim.sweeps.sweep import BACKENDS, configured, finished, sweep as finish
from univariate.common import check
from univariate.common.console import complain, console, on_terminal, remark, say_where, working
from univariate.common.delivery import Delivery, drawn
from univariate.common.program import listed
from univariate.common.tables.ownership import digest_of
from univariate.common.words import counted
from univariate.common.work import processes, require_dask

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH: Final = 120  # of tables where stdout is no terminal
_MOST_RUNS: Final = 100_000
_GRID: Final = ("m", "d", "p", "width", "seeds", "flow_time", "depth", "no_bias", "fixed_output")
"""Options of a sweep that presets have set."""


@dataclass(frozen=True)
class GridOptions:
    """The options of `highdim sweep` that make a grid, as typed."""

    m: str
    d: str
    p: str
    width: str
    seeds: int
    flow_time: float | None
    depth: int
    no_bias: bool
    fixed_output: bool
    polish: bool

    def runs(self) -> list[RunConfig]:
        """Return the runs of the grid; raise ValueError for options that make none."""
        given: dict[str, Any] = {
            "d": _numbers("d", self.d, int),
            "p": _numbers("p", self.p, float),
            "width": _numbers("width", self.width, int),
        }
        given |= {
            "seed": range(check.count("seeds", self.seeds)),
            "depth": self.depth,
            "bias": not self.no_bias,
            "train_output": not self.fixed_output,
            "polish": self.polish,
        }
        sizes = [check.count("m", size) for size in _numbers("m", self.m, int)]
        _require_few(len(sizes), given)
        found: list[RunConfig] = []
        for one in sizes:
            time = protocol_time(one) if self.flow_time is None else self.flow_time
            found += grid(m=one, flow_time=time, **given)
        return found


@dataclass(frozen=True)
class Workers:
    """Who does the runs, as typed."""

    n_jobs: int
    backend: str | None
    scheduler: str | None

    def __post_init__(self) -> None:
        """Refuse no processes at all, unknown backends, and Dask that is missing or has nobody."""
        processes(self.n_jobs)
        if self.backend is not None:
            check.choice("backend", self.backend, BACKENDS)
        if self.scheduler is None and self.backend == "dask":
            require_dask("backend")
            raise ValueError(
                "`scheduler` must be given for `backend` dask, got none; name the address that"
                " `dask scheduler` prints, as tcp://localhost:8786"
            )
        if self.scheduler is not None:
            if self.backend not in (None, "dask"):
                raise ValueError(
                    f"`scheduler` must be left out for `backend` {self.backend}, got"
                    f" {self.scheduler!r}; drop one of them"
                )
            require_dask("scheduler")


def sweep(
    runs: list[RunConfig], store: Path, where: Delivery, name: str, *, workers: Workers
) -> None:
    """Finish runs, and write and show what a store then holds."""
    made = [where.folder / f"{name}.csv", *where.pictures(name)]
    if store.exists():
        # a table and a figure are made anew with every run that their store gains
        where = where.again(made)
        if made[0].exists():
            _require_kept(made[0], [*(one.key for one in runs), *finished(store)], store)
    else:
        _require_none(made)
    where.prepare(made, read={"store": store})
    rows = _rows(runs, store, workers)
    with where.again(made).turn(name):
        kept = _with_others(rows, store)
        _require_kept(made[0], kept, store)
        digest = digest_of(kept)
        where.drop_stale(where.pictures(name), digest, store)
        _publish(rows, kept, where, name, digest)
        if len(kept) > len(rows):
            which = "table and figure files hold" if where.figure else "the table file holds"
            remark(f"{which} all {len(kept)} runs of {store}")


def _require_none(made: Sequence[Path]) -> None:
    """Refuse to begin a store beside files that another one made, or the user."""
    found = [path for path in made if path.exists()]
    if found:
        raise FileExistsError(
            "`out` must hold none of the files that a new store makes, got"
            f" {', '.join(path.name for path in found)} in {str(found[0].parent)!r}; name the store"
            " that made them by `store`, move them away, or choose another folder"
        )


def _require_kept(table: Path, rows: Sequence[Record], store: Path) -> None:
    """Refuse to replace the table of another store by rows that have not all of its runs."""
    count = lost(table, rows)
    if count:
        anew = ", as another program saved it anew," if saved_anew(table) else ""
        raise FileExistsError(
            f"`out` must hold the table of this store or none, got {str(table)!r}{anew} with"
            f" {counted(count, 'run')} that {str(store)!r} has not; choose another folder, and name"
            " this store by `store`, or move the table away; finished runs are kept"
        )


def _rows(runs: list[RunConfig], store: Path, workers: Workers) -> Sequence[Record]:
    """Run the sweep, on the workers of a Dask scheduler if one is named."""
    n_jobs = workers.n_jobs
    try:
        if workers.scheduler is None:
            return finish(runs, store, n_jobs=n_jobs, progress=on_terminal())
        with _client(workers.scheduler):
            return finish(runs, store, n_jobs=n_jobs, backend="dask", progress=on_terminal())
    except KeyboardInterrupt:
        complain(f"finished runs are kept in {store}, the same command goes on")
        raise


def _client(scheduler: str) -> AbstractContextManager[object]:
    """Return the client of a Dask scheduler, to be closed."""
    from distributed import Client

    try:
        with working(f"Connecting to {scheduler}"):
            client: AbstractContextManager[object] = Client(scheduler)
    # of an address that is none, of one where nobody answers, and of another version of Dask
    except Exception as error:
        raise OSError(
            "`scheduler` must be the address of a Dask scheduler that runs, got"
            f" {scheduler!r}: {error}; name the one that `dask scheduler` prints"
        ) from None
    return client


def _with_others(rows: Sequence[Record], store: Path) -> list[Record]:
    """Return rows and after them those of other runs that a store holds, so that a smaller sweep
    takes nothing away from files that are made of it.
    """
    asked = set(map(configured, rows))
    others = [row for row in finished(store) if configured(row) not in asked]
    return [*rows, *others]


def _publish(
    rows: Sequence[Record], kept: Sequence[Record], where: Delivery, name: str, digest: str
) -> None:
    """Write a table and a figure of all that is kept, and show means of what was asked for."""
    files = [export(list(kept), where.folder / f"{name}.csv")]
    screen = console(_WIDTH)
    screen.print(sweep_numbers(rows))
    missed = sum(not row["interpolates"] for row in rows)
    fitting = f"{len(rows) - missed:,} of them" if missed else "all"
    screen.print(f"{counted(len(rows), 'run')}, {fitting} interpolating.")
    for line in polish_lines(rows):
        screen.print(line, markup=False)
    if where.figure:
        path = where.figure_path(name)
        files += drawn(lambda: figure(kept), path, 150.0, digest=digest)
    say_where(screen, files)


def figure(rows: Sequence[Record], along: str = "p", **look: Any) -> "Figure":
    """Return the figure of a sweep, along "p" or "d/m"; `look` as those of its plot."""
    from highdim.report.figures.sweep_curves import name_band, name_hollow
    from highdim.report.figures.sweep_plot import IDENTITY
    from highdim.report.plots import plot_dimensions, plot_sweep

    draw = plot_sweep if along == "p" else plot_dimensions
    found = draw(rows, **look)
    if along == "p":
        found.plot([], [], color=IDENTITY, lw=1.0, label="$L_{cl} = p$")
    name_band(found)
    if not all(row["interpolates"] for row in rows):
        name_hollow(found)
    found.legend(frameon=False, fontsize=8.5)
    picture = found.get_figure(root=True)
    assert picture is not None
    return picture


def require_one_way(context: typer.Context, preset: str | None) -> None:
    """Refuse options that would be without effect: those of a grid beside a preset, or a size
    without one.
    """
    others = _GRID if preset is not None else ("size",)
    for name in others:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            rest = (
                f"with the preset {preset!r}, which has its own" if preset else "without a preset"
            )
            raise ValueError(
                f"`{name}` must be left out {rest}, got {context.params[name]!r}; give a grid, or a"
                " preset and its size"
            )


def _require_few(sizes: int, choices: Mapping[str, Any]) -> None:
    """Refuse grids that no machine finishes, before they are listed."""
    total = sizes * prod(len(choices[name]) for name in ("d", "p", "width", "seed"))
    if total > _MOST_RUNS:
        raise ValueError(
            f"`seeds` must leave at most {_MOST_RUNS:,} runs, got {total:,}; lower it, or shorten"
            " the lists"
        )


def _numbers(name: str, text: str, kind: type[int] | type[float]) -> list[Any]:
    """Return the numbers of a comma list."""
    example = "100,200" if kind is int else "0.1,0.2"
    return listed(name, text, kind, "a number or a comma list of them", example)
