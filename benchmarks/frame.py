"""What every script is made of: typed rows that are computed, kept, told in numbers, and drawn.

A `Script` has runs that take long. Its rows are added to a .csv file one by one, and a rerun does
what is missing; beside the table lies a .json file with the configuration, the invocations and the
findings. A run is a pure function of its key, so that any number of processes gives the same rows.
Quick scripts use `options`, `write` and `table` alone.
"""

import json
import os
import platform
import shlex
import shutil
import signal
import sys
import tomllib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, fields, replace
from functools import partial
from hashlib import blake2b
from importlib import import_module
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar, Final, Generic, TypeVar

import numba
import numpy as np
from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

import univariate
from benchmarks.places import in_the_way
from univariate.common import work
from univariate.common.figure_style import own_style
from univariate.common.files import write_atomically
from univariate.common.rows import RowFile

HERE = Path(__file__).parent
RESULTS = HERE / "results"

K = TypeVar("K")
R = TypeVar("R", bound="Row")


@dataclass(frozen=True)
class Row:
    """A line of a table, to be derived from."""

    DIGITS: ClassVar[Mapping[str, int]] = {}
    """Significant digits of floats, by name."""
    OTHERS: ClassVar[int | None] = None
    """Those of all other floats; they are written in full by default."""


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
        table = self._file(store)
        known = {self.key_of(row) for row in table.read()}
        todo = [key for key in keys if key not in known]
        total = sum(map(self.cost, todo))
        done = len(keys) - len(todo)
        measure = partial(_timed, self.measure)
        runs = work.results(todo, measure, n_jobs=n_jobs, prepare=self.warm_up)
        with work.progress(console, total=total, done=done, runs=len(keys)) as advance:
            for key, row in runs:
                table.append(row)
                advance(self.cost(key))
        rows = sorted(table.read(), key=self.key_of)
        table.write(rows)
        return rows

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
            console.print(str(error), style="red", markup=False)
            return 2
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


ASIDE: Final = "benchmark-results"
"""Folder for what is not committed."""


def options(
    name: str,
    about: str,
    arguments: Sequence[str] | None,
    *,
    presets: Iterable[str] = (),
    positional: str = "",
    **more: tuple[Any, str],
) -> Namespace:
    """Read the command line of a script.

    Presets have the default "quick"; `more` are options with their defaults, which say the types,
    and their help; `positional` describes a folder to be named first. Options that name committed
    files stand for copies of them unless --write is given.
    """
    parser = ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    if positional:
        parser.add_argument("folder", type=Path, help=positional)
    if presets:
        parser.add_argument("--preset", choices=presets, default="quick", help="how many runs")
    for option, (default, words) in more.items():
        kind = Path if isinstance(default, Path) else type(default)
        text = f"{words} (%(default)s)"
        parser.add_argument(f"--{option.replace('_', '-')}", type=kind, default=default, help=text)
    paths = {option: default for option, (default, _) in more.items() if isinstance(default, Path)}
    if paths:
        words = f"renew the committed files; without it, copies in {ASIDE}/ are"
        parser.add_argument("--write", action="store_true", help=words)
    chosen = parser.parse_args(arguments)
    for option, default in paths.items():
        given = getattr(chosen, option)
        if given.suffix != default.suffix:
            # what is written beside it has the other endings, and would replace it
            parser.error(f"--{option} must end in {default.suffix}, got {given.name!r}; rename it")
        others = [] if given == default else in_the_way(given, default)
        if others:
            parser.error(f"--{option}: {foreign(others)}")
        if given == default and not chosen.write:
            setattr(chosen, option, aside(default))
    return chosen


def foreign(files: Sequence[Path]) -> str:
    """Say that files are somebody else's, and what to do."""
    names = ", ".join(path.name for path in files)
    return (
        f"nothing is replaced that this script did not make, got {names} in"
        f" {str(files[0].parent)!r} already; choose another name or folder, or move that away"
    )


def aside(committed: Path) -> Path:
    """Return where a script writes that was not told to renew a committed file: a copy of it, with
    the files beside it, below the current folder.
    """
    target = Path(ASIDE) / committed.name
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        for path in committed.parent.glob(f"{committed.stem}.*"):
            shutil.copyfile(path, target.with_suffix(path.suffix))
    print(f"writes {target}; --write renews {committed.name}", file=sys.stderr)
    return target


def polite_kills() -> None:
    """Let SIGTERM interrupt as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def file_of(row: type[R], store: Path) -> RowFile[R]:
    """Return the file of a table."""
    columns: Any = fields(row)
    floats = (one.name for one in columns if float in (one.type, *_alternatives(one.type)))
    others = {} if row.OTHERS is None else dict.fromkeys(floats, row.OTHERS)
    return RowFile(store, row, "table", "this version", others | dict(row.DIGITS))


def write(rows: Sequence[R], store: Path) -> None:
    """Write a table of one row or more."""
    store.parent.mkdir(parents=True, exist_ok=True)
    file_of(type(rows[0]), store).write(rows)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a .json file."""
    text = json.dumps(content, indent=1) + "\n"
    write_atomically(path, lambda stream: stream.write(text.encode()))


def draw(name: str, rows: Sequence[Row]) -> Figure:
    """Return the figure of a script, which benchmarks.drawings.`name` draws."""
    # imported here: drawings use what their scripts know
    figure: Figure = import_module(f"benchmarks.drawings.{name}").draw(rows)
    return figure


def save_figure(figure: Figure, store: Path, dpi: int = 200) -> None:
    """Write the .png file beside a table; it keeps a digest of that, so that a test notices a table
    that was renewed alone.
    """
    metadata = {"Software": None, "Description": drawn_from(store.with_suffix(".csv"))}
    picture = BytesIO()  # what is broken off leaves the file of before
    with own_style():
        figure.savefig(picture, format="png", dpi=dpi, metadata=metadata)
    write_atomically(store.with_suffix(".png"), lambda stream: stream.write(picture.getbuffer()))


def drawn_from(table: Path) -> str:
    """Return what the figure of a table says of its source: the file and a digest of its lines."""
    lines = table.read_text(encoding="utf-8")
    return f"{table.name}, blake2b {blake2b(lines.encode(), digest_size=16).hexdigest()}"


def table(
    title: str, columns: Iterable[str], lines: Iterable[Iterable[str]], *, left: int = 1
) -> Table:
    """Return a table for the terminal; the first `left` columns are text, the others numbers."""
    shown = Table(title=title or None, box=box.SIMPLE)
    for k, name in enumerate(columns):
        shown.add_column(name, justify="left" if k < left else "right")
    for line in lines:
        shown.add_row(*line)
    return shown


def library_version() -> str:
    """Return the version of the library: as installed, or of the source tree around this file."""
    if not univariate.__version__.startswith("0+"):
        return univariate.__version__
    text = (HERE.parent / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def machine() -> str:
    """Return the processor and the number of its cores."""
    return f"{platform.machine()}, {os.cpu_count()} cores"


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return getattr(kind, "__args__", ())


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
