"""Scripts whose runs take long: computed, kept one by one, told in numbers, and drawn.

Rows are added to a .csv file, and a rerun does what is missing; beside the table lies a .json file
with the configuration, the invocations and the findings. A run is a pure function of its key, so
that any number of processes gives the same rows.
"""

import json
import platform
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Generic, TypeVar

import numba
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from benchmarks.command import options, polite_kills, refuse
from benchmarks.frame import (
    RESULTS,
    R,
    draw,
    file_of,
    library_version,
    machine,
    save_figure,
    write_json,
)
from univariate.common import work
from univariate.common.tables.growing import GrowingTable
from univariate.common.tables.rows import RowFile

K = TypeVar("K")


@dataclass(frozen=True)
class Script(Generic[K, R]):
    """A script whose runs take long.

    Attributes
    ----------
    name, about : str
        The module is benchmarks.`name`.
    key, row : type
        Dataclasses; the fields of a key are fields of a row.
    presets : mapping
        The keys of the runs, by preset.
    measure : callable
        Key → row, importable by name; `seconds` and `version` are filled in.
    warm_up : callable
        Compiles what `measure` needs, outside its clock.
    cost : callable
        Key → expected seconds, for the progress bar.
    findings : callable
        Rows → the numbers that captions and documents quote.
    table : callable
        Findings → table for the terminal.
    settings : mapping
        What rows depend on besides their keys; a store made with other settings is refused.
    """

    name: str
    about: str
    key: type[K]
    row: type[R]
    presets: Mapping[str, list[K]]
    measure: Callable[[K], R]
    warm_up: Callable[[], object]
    cost: Callable[[K], float]
    findings: Callable[[list[R]], dict[str, Any]]
    table: Callable[[dict[str, Any]], Table]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def configuration(self) -> dict[str, Any]:
        """What the rows of a store depend on besides their keys."""
        schema = f"benchmarks.{self.name}/1"
        return {"schema": schema, **self.settings, "version": library_version()}

    @property
    def results(self) -> Path:
        """The committed table."""
        return RESULTS / f"{self.name}.csv"

    def draw(self, rows: list[R]) -> Figure:
        """Return the figure, which benchmarks.drawings.`name` draws."""
        return draw(self.name, rows)

    def key_of(self, row: R) -> K:
        """Return the run that a row belongs to."""
        columns: Any = fields(self.key)
        return self.key(**{one.name: getattr(row, one.name) for one in columns})

    def load(self, store: Path) -> list[R]:
        """Return the rows of a store; a line that was cut short by a kill is removed from it."""
        return self._file(store).read()

    def committed(self) -> list[R]:
        """Return the rows of the committed table.

        Raises
        ------
        ValueError
            There is none yet.
        """
        if not self.results.exists():
            raise ValueError(
                f"{self.results.name} must exist; run python -m benchmarks.{self.name}"
            )
        return self.load(self.results)

    def compute(
        self, keys: Sequence[K], store: Path, *, n_jobs: int = 1, console: Console | None = None
    ) -> list[R]:
        """Finish runs in a store and return every row of it, in the order of their keys.

        Raises
        ------
        ValueError
            The store was written with other settings or by another version.
        """
        self._check_configuration(store)
        file = self._file(store)
        table = GrowingTable(file)
        known = {self.key_of(row) for row in table.before}
        todo = [key for key in keys if key not in known]
        total = sum(map(self.cost, todo))
        done = len(keys) - len(todo)
        measure = partial(_timed, self.measure)
        runs = work.results(todo, measure, n_jobs=n_jobs, prepare=self.warm_up)
        with work.progress(console, total=total, done=done, runs=len(keys)) as advance:
            for key, row in runs:
                table.add(row)
                advance(self.cost(key))
        return list(file.sort(partial(sorted, key=self.key_of)))

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Compute what is missing, draw, and store the findings; returns the exit status."""
        chosen = options(
            self.name,
            self.about,
            arguments,
            presets=self.presets,
            n_jobs=(1, "processes, one thread each"),
            store=(self.results, "the .csv file; .json and .png go beside it"),
        )
        polite_kills()
        console = Console()
        start = perf_counter()
        before = 0
        status = 0
        try:
            before = len(self.load(chosen.store)) if chosen.store.exists() else 0
            keys = self.presets[chosen.preset]
            self.compute(keys, chosen.store, n_jobs=chosen.n_jobs, console=console)
        except (ValueError, OSError) as error:
            return refuse(chosen, error)
        except (KeyboardInterrupt, BrokenProcessPool) as stop:
            killed = isinstance(stop, BrokenProcessPool)
            what = "a process died (out of memory?)" if killed else "interrupted"
            console.print(f"{what}; finished rows are safe, the same command goes on from there")
            status = 130
        rows = self.load(chosen.store)
        if len(rows) > before:
            runs = {"runs": len(rows) - before, "seconds": round(perf_counter() - start, 1)}
            self._record(chosen.store, self.findings(rows), runs, arguments)
        return status or self._show(rows, chosen.store, console)

    def _show(self, rows: list[R], store: Path, console: Console) -> int:
        """Draw the figure and print the table of all rows; return the exit status."""
        try:
            save_figure(self.draw(rows), store)
            console.print(self.table(self.findings(rows)))
        except KeyboardInterrupt:
            console.print("interrupted; the rows are safe, the same command draws them")
            return 130
        return 0

    def _file(self, store: Path) -> RowFile[R]:
        columns: Any = fields(self.key)
        return replace(file_of(self.row, store), key=[one.name for one in columns])

    def _check_configuration(self, store: Path) -> None:
        """Create an empty store, or refuse one that was written under other settings."""
        wanted = self.configuration
        sidecar = store.with_suffix(".json")
        if not store.exists():
            store.parent.mkdir(parents=True, exist_ok=True)
            write_json(sidecar, {"configuration": wanted, "invocations": []})
            self._file(store).write([])
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
        runs: dict[str, Any],
        arguments: Sequence[str] | None,
    ) -> None:
        """Keep findings and circumstances beside the rows."""
        sidecar = store.with_suffix(".json")
        content = json.loads(sidecar.read_text(encoding="utf-8"))
        given = _without_store(sys.argv[1:] if arguments is None else arguments)
        content["invocations"].append(
            {
                "command": shlex.join(["python", "-m", f"benchmarks.{self.name}", *given]),
                **runs,
                "python": platform.python_version(),
                "numpy": np.__version__,
                "numba": numba.__version__,
                "machine": machine(),
            }
        )
        write_json(sidecar, {**content, "findings": findings})


def _without_store(arguments: Sequence[str]) -> list[str]:
    """Return arguments without the place of the store: the record lies beside it anyway."""
    kept = list[str]()
    for k, one in enumerate(arguments):
        named = k > 0 and arguments[k - 1] == "--store"
        if not named and one.partition("=")[0] != "--store":
            kept.append(one)
    return kept


def _timed(measure: Callable[[K], Any], key: K) -> Any:
    start = perf_counter()
    row = measure(key)
    # a run that was broken off is no row: the next start does it again
    if getattr(row, "status", "") == "interrupted":
        raise KeyboardInterrupt
    return replace(row, seconds=perf_counter() - start, version=library_version())
