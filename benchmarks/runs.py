"""Tables of runs that take long: rows are appended to a .csv file one by one, and a rerun does what
is missing.

Beside the table lies a .json file with the configuration, the invocations and the findings. A run
is a pure function of its key, so that any number of processes gives the same rows.
"""

import csv
import json
import os
import platform
import shlex
import signal
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import astuple, dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any, Generic, NamedTuple, TypeVar

import numba
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

import univariate

K = TypeVar("K", bound="tuple[Any, ...]")
R = TypeVar("R", bound="Row")

HERE = Path(__file__).parent


class Row:
    """A line of a table, to be derived from by dataclasses; the first fields are the key of the
    run.
    """

    @property
    def key(self) -> Any:
        """The run this row belongs to."""
        raise NotImplementedError

    @classmethod
    def digits(cls) -> dict[str, int]:
        """Return the significant digits of floats, by name; others are written in full."""
        return {}

    def to_cells(self) -> list[str]:
        """Return the row as the table writes it."""
        named = zip((field.name for field in fields(self)), astuple(self), strict=True)
        return [_cell(value, self.digits().get(name)) for name, value in named]

    @classmethod
    def from_cells(cls: type[R], cells: list[str]) -> R:
        """Read what `to_cells` wrote."""
        columns: Any = zip(fields(cls), cells, strict=True)
        return cls(**{field.name: _read(field.type, cell) for field, cell in columns})


class Draft(NamedTuple):
    """What `main` of a script is made of, besides its runs."""

    draw: Callable[[list[Any]], Figure]
    findings: Callable[[list[Any]], dict[str, Any]]
    table: Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Runs(Generic[K, R]):
    """A kind of runs.

    Attributes
    ----------
    name : str
        Of the script: benchmarks.`name`.
    configuration : dict
        What the rows depend on besides their keys; a store made with another one is refused.
    row : type
    measure : callable
        Key → row, importable by name.
    cost : callable
        Key → expected seconds, for the progress bar.
    warm_up : callable
        Compiles what `measure` needs, outside its clock.
    """

    name: str
    configuration: dict[str, Any]
    row: type[R]
    measure: Callable[[K], R]
    cost: Callable[[K], float]
    warm_up: Callable[[], None]

    def compute(
        self, keys: list[K], store: Path, *, n_jobs: int = 1, console: Console | None = None
    ) -> list[R]:
        """Finish the given runs in a store and return every row of it, in the order of their keys.

        Parameters
        ----------
        keys : list
        store : Path
            A .csv file, created if missing.
        n_jobs : int
            Processes; their number changes no row.
        console : rich Console, optional
            Where the progress bar goes.

        Raises
        ------
        ValueError
            The store was written under another configuration or by another version.
        """
        self._check_configuration(store)
        done = {row.key for row in self.load(store)}
        todo = [key for key in keys if key not in done]
        with _progress(console) as bar, store.open("a", encoding="utf-8", newline="") as stream:
            task = bar.add_task("runs", total=sum(map(self.cost, todo)), done=0, runs=len(todo))
            for finished, row in enumerate(self._measured(todo, n_jobs), 1):
                csv.writer(stream, lineterminator="\n").writerow(row.to_cells())
                stream.flush()
                bar.update(task, advance=self.cost(row.key), done=finished)
        rows = sorted(self.load(store), key=lambda row: row.key)
        self._write(store, rows)
        return rows

    def load(self, store: Path) -> list[R]:
        """Read a store; a line cut short by a kill is removed from the file, its run is simply done
        again.
        """
        text = store.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            text = text[: text.rfind("\n") + 1]
            _replace(store, text)
        header, *lines = csv.reader(text.splitlines()) if text else [self._columns()]
        if header != self._columns():
            raise ValueError(
                f"{store.name} has other columns than this version writes; move it away and run"
                " again"
            )
        return [self.row.from_cells(line) for line in lines]

    def main(
        self, keys: list[K], store: Path, n_jobs: int, draft: Draft, arguments: list[str] | None
    ) -> int:
        """Compute, draw, and store the findings; returns the exit status."""
        # a polite kill is an interruption, too
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        console, start = Console(), perf_counter()
        try:
            before = len(self.load(store)) if store.exists() else 0
            status = self._complete(keys, store, n_jobs, console)
        except (ValueError, OSError) as error:
            console.print(str(error), style="red", markup=False)
            return 2
        rows = self.load(store)
        if len(rows) > before:
            self._record(
                store, draft.findings(rows), len(rows) - before, perf_counter() - start, arguments
            )
        if status == 0:
            draft.draw(rows).savefig(
                store.with_suffix(".png"), dpi=200, metadata={"Software": None}
            )
            console.print(draft.table(draft.findings(rows)))
        return status

    def _complete(self, keys: list[K], store: Path, n_jobs: int, console: Console) -> int:
        """Compute, and return the exit status: 0, or 130 after an interruption."""
        try:
            self.compute(keys, store, n_jobs=n_jobs, console=console)
        except (KeyboardInterrupt, BrokenProcessPool) as stop:
            what = (
                "interrupted"
                if isinstance(stop, KeyboardInterrupt)
                else "a process died (out of memory?)"
            )
            kept = len(self.load(store))
            console.print(f"{what}; {kept} rows are safe, the same command goes on from there")
            return 130
        return 0

    def _measured(self, keys: list[K], n_jobs: int) -> Iterator[R]:
        """Measure in order, here or in `n_jobs` processes."""
        if n_jobs == 1:
            self.warm_up()
            yield from map(self.measure, keys)
            return
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
            os.environ.setdefault(name, "1")  # read by the processes about to start: one core each
        with ProcessPoolExecutor(n_jobs, get_context("spawn"), _prepare, (self.warm_up,)) as pool:
            try:
                yield from pool.map(self.measure, keys)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _check_configuration(self, store: Path) -> None:
        """Create an empty store, or refuse one that was written under other settings."""
        wanted, sidecar = self.configuration, store.with_suffix(".json")
        if not store.exists():
            store.parent.mkdir(parents=True, exist_ok=True)
            _write_json(sidecar, {"configuration": wanted, "invocations": []})
            self._write(store, [])
        if not sidecar.exists():
            raise ValueError(
                f"{store.name} has no {sidecar.name} beside it that says how it was made; move it"
                " away"
            )
        found = json.loads(sidecar.read_text(encoding="utf-8"))["configuration"]
        if found != wanted:
            raise ValueError(
                f"{store.name} was made with {found}, this run needs {wanted}; move it away, or"
                " pass --store"
            )

    def _record(
        self,
        store: Path,
        findings: dict[str, Any],
        runs: int,
        seconds: float,
        arguments: list[str] | None,
    ) -> None:
        """Keep findings and circumstances beside the rows."""
        sidecar = store.with_suffix(".json")
        content = json.loads(sidecar.read_text(encoding="utf-8"))
        options = shlex.join(sys.argv[1:] if arguments is None else arguments)
        content["invocations"].append(
            {
                "command": f"python -m benchmarks.{self.name} {options}".strip(),
                "runs": runs,
                "seconds": round(seconds, 1),
                "python": platform.python_version(),
                "numpy": np.__version__,
                "numba": numba.__version__,
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            }
        )
        _write_json(sidecar, {**content, "findings": findings})

    def _columns(self) -> list[str]:
        columns: Any = fields(self.row)
        return [field.name for field in columns]

    def _write(self, store: Path, rows: list[R]) -> None:
        lines = [self._columns(), *(row.to_cells() for row in rows)]
        _replace(store, "".join(",".join(line) + "\n" for line in lines))


def library_version() -> str:
    """Return the version of the library: as installed, or of the source tree that this file belongs
    to.
    """
    if not univariate.__version__.startswith("0+"):
        return univariate.__version__
    return str(
        tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "version"
        ]
    )


def grouped(rows: Iterable[R], key: Callable[[R], Any]) -> dict[Any, list[R]]:
    """Return {key: rows}, keys increasing."""
    found: dict[Any, list[R]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return dict(sorted(found.items()))


def _prepare(warm_up: Callable[[], None]) -> None:
    """Make a process ready: Ctrl-C ends it at once, without a traceback from each."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    warm_up()


def _progress(console: Console | None) -> Progress:
    """A bar over the expected work, so that the time left is right although the last runs are the
    long ones.
    """
    return Progress(
        TextColumn("{task.fields[done]}/{task.fields[runs]} runs"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
        console=console or Console(quiet=True),
        speed_estimate_period=300.0,
    )


def _cell(value: Any, digits: int | None) -> str:
    if isinstance(value, float):
        return repr(value) if digits is None else f"{value:.{digits}g}"
    return "" if value is None else str(value)


def _read(kind: Any, cell: str) -> Any:
    """Read a cell of type `kind`, a type or its union with None."""
    optional = getattr(kind, "__args__", ())
    if optional:
        return None if cell == "" else _read(optional[0], cell)
    return cell == "True" if kind is bool else kind(cell)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    _replace(path, json.dumps(content, indent=1) + "\n")


def _replace(path: Path, text: str) -> None:
    """Write a file so that a kill leaves the old one or the new one."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
