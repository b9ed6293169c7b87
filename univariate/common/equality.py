"""Equality and hashes of values of any kind, arrays and what holds them too."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: arrays entry by entry, NaN and NaN included."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return type(one) is type(other) and _same_arrays(one, other)
    if isinstance(one, list | tuple):
        matching = type(one) is type(other) and len(one) == len(other)
        return matching and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other) or (_is_nan(one) and _is_nan(other))


def _same_arrays(one: NDArray[Any], other: NDArray[Any]) -> bool:
    numbers = one.dtype.kind in "fc" and other.dtype.kind in "fc"
    return np.array_equal(one, other, equal_nan=numbers)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def hashed(value: Any) -> int:
    """Return a hash that values which say the same share."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            # the bytes of objects are where they lie, those of texts how long the longest is
            return hash((value.shape, *map(hashed, value.ravel().tolist())))
        value = value.astype(np.float64)
        # 0.0 and −0.0 are equal, and NaN is NaN whatever its bits
        value = np.where(np.isnan(value), np.nan, value + 0.0)
        return hash((value.shape, value.tobytes()))
    if isinstance(value, list | tuple):
        return hash(tuple(map(hashed, value)))
    if isinstance(value, Mapping):
        return hash(frozenset((key, hashed(item)) for key, item in value.items()))
    return 0 if _is_nan(value) else hash(value)
