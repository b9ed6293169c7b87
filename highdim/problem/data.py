"""Samples from files, and into them: .npz bit for bit, .csv for data that come from elsewhere."""

from math import isfinite
from pathlib import Path

import numpy as np

from highdim.problem.sample import SphereSample, require_sample
from univariate.common.arrays import Matrix
from univariate.common.files import PathLike, numbered_cells, write_atomically

Row = tuple[int, list[str]]  # the number of a line, and its cells


def load_sample(path: PathLike) -> SphereSample:
    """Read a sample from .csv, or from .npz as `SphereSample.save` or `numpy.savez` write it.

    Parameters
    ----------
    path : path
        An .npz file holds X and y. A .csv file has a row for every observation: d inputs, then the
        label. Its first line may name the columns x0, …, x{d−1}, y. Its inputs are taken as they
        are, not normalised, and its noise level is unknown.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        Truncated or pickled, not such columns (the message names the line), or no sample.

    Exact: numbers are read to the nearest double. Cost O(m d).
    """
    if not _is_csv(path):
        return SphereSample.load(path)
    rows = _read_csv(path)
    return SphereSample.from_arrays(rows[:, :-1], rows[:, -1])


def save_sample(sample: SphereSample, path: PathLike) -> Path:
    """Write a sample as .csv (columns x0, …, x{d−1}, y; full precision), else as .npz.

    Only .npz keeps the noise level and the distribution. An existing file is replaced only by a
    complete one.
    """
    require_sample(sample)
    if not _is_csv(path):
        sample.save(path)
        return Path(path)
    rows = [_names(sample.dimension)]
    for x, y in zip(sample.X.tolist(), sample.y.tolist(), strict=True):
        rows.append([*map(repr, x), f"{y:+.0f}"])
    text = "".join(f"{','.join(row)}\n" for row in rows)
    return write_atomically(path, lambda stream: stream.write(text.encode()))


def _is_csv(path: PathLike) -> bool:
    return str(path).lower().endswith(".csv")


def _names(d: int) -> list[str]:
    return [*(f"x{k}" for k in range(d)), "y"]


def _read_csv(path: PathLike) -> Matrix:
    """Return the numbers, (m, d + 1)."""
    lines = numbered_cells(path, "columns x0, x1, …, y")
    every = [(line, cells) for line, cells in lines if any(cell.strip() for cell in cells)]
    rows = _without_header(path, every)
    if not rows:
        raise ValueError(
            f"{str(path)!r} holds no data; write a row for every observation, the label last"
        )
    width = len(every[0][1])  # of the header, where there is one
    if width < 2:
        raise ValueError(
            f"{str(path)!r} must have at least two columns, inputs and a label, got {width}; add"
            " them"
        )
    found = np.empty((len(rows), width))
    for k, (line, cells) in enumerate(rows):
        if len(cells) != width:
            raise ValueError(
                f"{str(path)!r}, line {line}: expected {width} numbers as in the lines before, got"
                f" {len(cells)}; repair it"
            )
        found[k] = [_number(path, line, cell) for cell in cells]
    return found


def _without_header(path: PathLike, rows: list[Row]) -> list[Row]:
    """Return the rows of data; raise for other names of columns, or another separator."""
    if not rows:
        return rows
    line, cells = rows[0]
    if len(cells) == 1 and len(cells[0].replace(";", " ").split()) > 1:
        raise ValueError(
            f"{str(path)!r}, line {line}: expected numbers separated by commas; replace the"
            " separator"
        )
    if _is_number(cells[0]):
        return rows
    names = [cell.strip() for cell in cells]
    if names != _names(len(names) - 1):
        if len(names) > 6:
            names = [*names[:3], "…", *names[-2:]]
        raise ValueError(
            f"{str(path)!r}, line {line}: expected columns x0, x1, …, y, got {','.join(names)!r};"
            " rename or reorder them, the label last"
        )
    return rows[1:]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(path: PathLike, line: int, cell: str) -> float:
    if not _is_number(cell) or not isfinite(float(cell)):
        raise ValueError(
            f"{str(path)!r}, line {line}: expected finite numbers, got {cell.strip()!r}; repair it"
        )
    return float(cell)
