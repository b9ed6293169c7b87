"""Samples from files, and into them: .npz bit for bit, .csv for data that come from elsewhere."""

from pathlib import Path

from highdim.problem.sample import SphereSample, require_sample
from univariate.common.files import PathLike, require_ending, write_atomically
from univariate.common.labels import LabelMap


def load_sample(path: PathLike, *, label_map: LabelMap | None = None) -> SphereSample:
    """Read a sample from a file, as `SphereSample.load`."""
    return SphereSample.load(path, label_map=label_map)


def save_sample(sample: SphereSample, path: PathLike) -> Path:
    """Write a sample as .csv (columns x0, …, x{d−1}, y; full precision) or as .npz; ValueError for
    the ending of another format.

    Only .npz keeps the noise level and the distribution. An existing file is replaced only by a
    complete one.
    """
    require_sample(sample)
    require_ending("path", path, ".csv", ".npz")
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
