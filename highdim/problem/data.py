"""Samples from files, and into them: .npz bit for bit, .csv for data that come from elsewhere."""

import csv
import io
from math import isfinite
from pathlib import Path

import numpy as np

from highdim.problem.sample import SphereSample, require_sample
from univariate.common.files import PathLike, write_atomically


def load_sample(path: PathLike) -> SphereSample:
    """Read a sample from .csv, or from .npz as `SphereSample.save` or `numpy.savez(path, X=X, y=y)`
    write it.

    Parameters
    ----------
    path : path
        A .csv file has a row for every observation: d inputs, then the label. Its first line may
        name the columns x0, …, x{d−1}, y. Its inputs are taken as they are, not normalised, and its
        noise level is unknown.

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
    """Write a sample as .csv (columns x0, …, x{d−1}, y; full precision) or, for any other ending,
    as .npz.

    Only .npz keeps the noise level and the distribution. An existing file is replaced only by a
    complete one.
    """
    require_sample(sample)
    if not _is_csv(path):
        sample.save(path)
        return Path(path)
    lines = [",".join(_names(sample.dimension))]
    lines += [
        ",".join([*map(repr, x), f"{y:+.0f}"])
        for x, y in zip(sample.X.tolist(), sample.y.tolist(), strict=True)
    ]
    write_atomically(path, lambda stream: stream.write(("\n".join(lines) + "\n").encode()))
    return Path(path)


def _is_csv(path: PathLike) -> bool:
    return str(path).lower().endswith(".csv")


def _names(d: int) -> list[str]:
    return [*(f"x{k}" for k in range(d)), "y"]


def _read_csv(path: PathLike) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the numbers, (m, d + 1)."""
    rows = _cells(Path(path))
    width = len(rows[0][1]) if rows else 0
    if width == 1 and len(rows[0][1][0].replace(";", " ").split()) > 1:
        raise ValueError(
            f"{str(path)!r}, line {rows[0][0]}: expected numbers separated by commas; replace the"
            " separator"
        )
    if rows and _is_header(rows[0][1]):
        names = [cell.strip() for cell in rows[0][1]]
        if names != _names(width - 1):
            shown = ",".join(names if width <= 6 else [*names[:3], "…", *names[-2:]])
            raise ValueError(
                f"{str(path)!r}, line {rows[0][0]}: expected columns x0, x1, …, y, got {shown!r};"
                " rename or reorder them, the label last"
            )
        rows = rows[1:]
    if not rows:
        raise ValueError(
            f"{str(path)!r} holds no data; write a row for every observation, the label last"
        )
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


def _cells(target: Path) -> list[tuple[int, list[str]]]:
    """Return the lines that are not empty, with their numbers."""
    if not target.is_file():
        raise FileNotFoundError(
            f"`path` must name an existing file, got {str(target)!r}; check the spelling"
        )
    try:
        text = target.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(
            f"{str(target)!r} is not a text file; save it as CSV with columns x0, x1, …, y"
        ) from None
    reader = csv.reader(io.StringIO(text))
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(
            f"{str(target)!r} is not a CSV file ({error}); write columns x0, x1, …, y"
        ) from None


def _is_header(cells: list[str]) -> bool:
    try:
        float(cells[0])
    except ValueError:
        return True
    return False


def _number(path: PathLike, line: int, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValueError(
            f"{str(path)!r}, line {line}: expected finite numbers, got {cell.strip()!r}; repair it"
        )
    return number
