"""Samples as tables: .csv files for whoever reads them, with what they know in a comment before."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from univariate.common.arrays import Matrix, Vector
from univariate.common.files import PathLike, write_bytes
from univariate.common.reading.notes import note_line


def is_csv(path: PathLike) -> bool:
    """Whether a name ends as those of tables do."""
    return str(path).lower().endswith(".csv")


def write_table(
    path: PathLike,
    names: Sequence[str],
    X: Matrix,
    y: Vector,
    note: tuple[str, Mapping[str, NDArray[Any]]],
) -> None:
    """Write columns of inputs by their names, and y, in full precision; before them the schema and
    what is known besides, if there is something.
    """
    schema, known = note
    lines = [note_line(schema, known)] if known else []
    lines.append(",".join([*names, "y"]))
    for x, label in zip(X.tolist(), y.tolist(), strict=True):
        lines.append(",".join([*map(repr, x), f"{label:+.0f}"]))
    write_bytes(path, "".join(f"{line}\n" for line in lines).encode())
