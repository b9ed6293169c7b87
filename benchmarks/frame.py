"""What every script is made of: typed rows, kept in a table, told in numbers, and drawn."""

import json
import os
import platform
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from matplotlib.figure import Figure
from rich import box
from rich.table import Table

import univariate
from univariate.common.figure_style import own_style
from univariate.common.files import write_bytes
from univariate.common.tables.rows import RowFile

HERE = Path(__file__).parent
RESULTS = HERE / "results"

R = TypeVar("R", bound="Row")


@dataclass(frozen=True)
class Row:
    """A line of a table, to be derived from."""

    DIGITS: ClassVar[Mapping[str, int]] = {}
    """Significant digits of floats, by name."""
    OTHERS: ClassVar[int | None] = None
    """Those of all other floats; they are written in full by default."""


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
    write_bytes(path, text.encode())


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
    write_bytes(store.with_suffix(".png"), picture.getbuffer())


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
