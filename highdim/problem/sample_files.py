"""Samples in files: tables for whoever reads them, with what they know in a comment before, and
arrays, bit for bit.
"""

from collections.abc import Mapping
from typing import Any, Final

from highdim.problem.network import TwoLayerNet
from highdim.problem.recognised import DISTRIBUTIONS, recalled
from univariate.common import check
from univariate.common.files import PathLike
from univariate.common.label_copies import with_names
from univariate.common.reading.columns import Columns, require_columns
from univariate.common.reading.samples import read_sample
from univariate.common.reading.taken import RawSample

SCHEMA: Final = "highdim.SphereSample/1"

_KNOWN: Final = ("p", "distribution", "law", "truth_v", "truth_W", "truth_b")
"""What files of samples may hold besides X and y, see `SphereSample.known`."""


def read_raw(path: PathLike, columns: Columns | None) -> RawSample:
    """Return the inputs and labels in a file, and which columns they were."""
    names = None if columns is None else require_columns(columns)
    return read_sample(path, schema=SCHEMA, known=_KNOWN, columns=names)


def parts_of(path: PathLike, raw: RawSample, columns: Columns | None) -> dict[str, Any]:
    """Return what `SphereSample.from_arrays` makes the sample in a file of, with the names of its
    inputs, unless `columns` says which are meant.
    """
    inputs = raw.inputs
    if raw.named is not None:
        inputs = with_names(inputs, raw.named.inputs if columns is None else ())
    found = {"X": inputs, "y": raw.labels}
    return found | _known(path, raw.arrays) if raw.schema else found


def _known(path: PathLike, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `save` wrote besides X and y."""
    if "distribution" not in arrays:
        raise ValueError(f"{str(path)!r} lacks distribution; it may be damaged, save it again")
    found: dict[str, Any] = {"p": arrays["p"].item() if "p" in arrays else None}
    if "law" in arrays:
        found["law"] = recalled(str(arrays["law"]))
    else:
        word = str(arrays["distribution"])
        check.choice("distribution", word, DISTRIBUTIONS)
        found["distribution"] = word
    v, W, b = (arrays.get(f"truth_{name}") for name in ("v", "W", "b"))
    if v is not None and W is not None:
        found["truth"] = TwoLayerNet(v, W, b)
    return found
