"""Samples as tables: .csv files for whoever reads them, with what they know in a comment before."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from univariate.common.arrays import Matrix, Vector
from univariate.common.files import PathLike, write_atomically
from univariate.common.reading.notes import note_line


def is_csv(path: PathLike) -> bool:
    """Whether a name ends as those of tables do."""
    return str(path).lower().endswith(".csv")


def write_table(
    path: PathLike, X: Matrix, y: Vector, schema: str, known: Mapping[str, NDArray[Any]]
) -> None:
    """Write columns x0, …, x{d−1}, y in full precision, and before them what is known besides, if
    there is something.
    """
    lines = [note_line(schema, known)] if known else []
    lines.append(",".join([*(f"x{k}" for k in range(X.shape[1])), "y"]))
    for x, label in zip(X.tolist(), y.tolist(), strict=True):
        lines.append(",".join([*map(repr, x), f"{label:+.0f}"]))
    text = "".join(f"{line}\n" for line in lines)
    write_atomically(path, lambda stream: stream.write(text.encode()))
