"""Samples from files, and into them: .npz bit for bit, .csv for data that come from elsewhere."""

from pathlib import Path

from highdim.problem.sample import SphereSample, require_sample
from univariate.common.files import PathLike, path_of
from univariate.common.labels import LabelMap
from univariate.common.reading.columns import Columns


def load_sample(
    path: PathLike, *, label_map: LabelMap | None = None, columns: Columns | None = None
) -> SphereSample:
    """Read a sample from a file, as `SphereSample.load`."""
    return SphereSample.load(path, label_map=label_map, columns=columns)


def save_sample(sample: SphereSample, path: PathLike) -> Path:
    """Write a sample as .csv or as .npz, as `SphereSample.save`, and return the path."""
    require_sample(sample)
    sample.save(path)
    return path_of(path)
