"""Samples from files, and into them: .npz bit for bit, .csv for data that come from elsewhere."""

from pathlib import Path

from highdim.problem.sample import SCHEMA, SphereSample, require_sample
from univariate.common.files import PathLike, require_ending, write_atomically
from univariate.common.labels import LabelMap
from univariate.common.reading.notes import note_line


def load_sample(path: PathLike, *, label_map: LabelMap | None = None) -> SphereSample:
    """Read a sample from a file, as `SphereSample.load`."""
    return SphereSample.load(path, label_map=label_map)


def save_sample(sample: SphereSample, path: PathLike) -> Path:
    """Write a sample as .csv (columns x0, …, x{d−1}, y; full precision) or as .npz; ValueError for
    the ending of another format.

    A .csv keeps another truth than +1 and another distribution than the sphere, with the noise
    level, in a line before the columns that begins with #; of other samples it keeps X and y alone,
    and .npz the noise level too. An existing file is replaced only by a complete one.
    """
    require_sample(sample)
    require_ending("path", path, ".csv", ".npz")
    if not _is_csv(path):
        sample.save(path)
        return Path(path)
    lines = [note_line(SCHEMA, sample.known)] if needs_note(sample) else []
    lines.append(",".join(_names(sample.dimension)))
    for x, y in zip(sample.X.tolist(), sample.y.tolist(), strict=True):
        lines.append(",".join([*map(repr, x), f"{y:+.0f}"]))
    text = "".join(f"{line}\n" for line in lines)
    return write_atomically(path, lambda stream: stream.write(text.encode()))


def needs_note(sample: SphereSample) -> bool:
    """Whether X and y alone would be taken for another sample: +1 and the sphere are meant if
    nothing is said.
    """
    return sample.truth is not None or sample.distribution != "sphere"


def _is_csv(path: PathLike) -> bool:
    return str(path).lower().endswith(".csv")


def _names(d: int) -> list[str]:
    return [*(f"x{k}" for k in range(d)), "y"]
