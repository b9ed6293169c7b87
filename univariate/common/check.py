"""Validation at the public door, done once.

Every message names the argument, the rule, the value received and the remedy.
"""

import math
import operator
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeVar

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.exactly import exact_doubles, is_truth_value
from univariate.common.foreign_arrays import is_tensor, plain_array

T = TypeVar("T")

_SHOWN: Final = 120
"""Letters of a value that messages show."""


def vector(name: str, value: Any, *, allow_empty: bool = False) -> Vector:
    """Return `value` as a fresh read-only float64 vector of finite numbers, lifted exactly.

    Raises
    ------
    TypeError
        Not real numbers.
    ValueError
        Wrong number of axes, empty, not finite, or integers that float64 cannot hold.
    """
    array = real_array(name, value)
    if array.ndim != 1:
        # what is one row or one column, or a single number, has one order only
        one = array.size > 0 and array.size == max(array.shape, default=1)
        remedy = f"numpy.ravel({name})" if one else "a flat sequence"
        raise ValueError(
            f"`{name}` must be one-dimensional, got shape {array.shape}; pass {remedy}"
        )
    if array.size == 0 and not allow_empty:
        raise ValueError(f"`{name}` must not be empty; pass at least one number")
    array.setflags(write=False)
    return array


def real_array(name: str, value: Any) -> Vector:
    """Return `value` as a fresh float64 array of finite numbers, whatever its shape; see
    `vector`.

    Fractions, Decimals and integers of any size are taken where doubles hold them.
    """
    raw = plain_array(name, value)
    if raw.size == 0:
        return np.zeros(raw.shape)
    if raw.dtype.kind == "b":
        raise TypeError(
            f"`{name}` must hold real numbers, got truth values; pass 1.0 and 0.0 if they are meant"
        )
    if raw.dtype.kind == "O":
        raw = exact_doubles(name, raw)
    if raw.dtype.kind not in "iuf":
        raise TypeError(
            f"`{name}` must hold real numbers, got dtype {raw.dtype}; convert it to float64 first"
        )
    # a long double beyond the range becomes inf and is refused below
    with np.errstate(over="ignore"):
        # rows in order: products of matrices round by their layout
        array = np.array(raw, dtype=np.float64, order="C")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        where = np.unravel_index(bad[0], array.shape)
        at = ", ".join(str(int(i)) for i in where)
        raise ValueError(
            f"`{name}` must be finite, got {name}[{at}] = {raw[where]!s} ({bad.size} such); remove"
            " or repair these entries"
        )
    if raw.dtype.kind in "iu":
        large = raw[np.abs(array) >= 2.0**53].tolist()
        inexact = [number for number in large if int(float(number)) != number]
        if inexact:
            raise ValueError(
                f"`{name}` holds integers that float64 cannot hold exactly, such as {inexact[0]};"
                " rescale them"
            )
    if raw.dtype.itemsize > 8 and np.any(array != raw):
        raise ValueError(
            f"`{name}` holds numbers that float64 cannot hold exactly; round it with .astype(float)"
            " first"
        )
    return array


def lent_array(name: str, value: Any) -> Vector:
    """Return `value` as `real_array` does; rows of doubles as they are: not copied, and unchecked
    for numbers that are not finite.
    """
    raw = plain_array(name, value)
    # another byte order is another type; what is read-only would compile kernels anew
    if raw.dtype == np.float64 and raw.flags.carray and raw.size:
        return raw
    return real_array(name, raw)


def column(name: str, value: Any) -> Vector:
    """Return `value`, a vector (m,) or a column (m, 1), as `vector` does."""
    array = plain_array(name, value)
    return vector(name, array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array)


def same_length(**vectors: Vector) -> None:
    """Require vectors of one length."""
    lengths = {name: len(value) for name, value in vectors.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"len({name}) = {length}" for name, length in lengths.items())
        raise ValueError(
            f"{', '.join(f'`{name}`' for name in lengths)} must have one length, got {listed}; cut"
            " or complete them"
        )


def count(name: str, value: Any, *, least: int = 1) -> int:
    """Return `value` as an int that is at least `least`."""
    try:
        number = operator.index(value)
    except (TypeError, RuntimeError):  # the latter of a tensor without value
        raise TypeError(f"`{name}` must be an integer, got {shown(value)}; pass an int") from None
    if isinstance(value, bool) or number < least:
        raise ValueError(
            f"`{name}` must be an integer >= {least}, got {shown(value)}; pass an int in that range"
        )
    return number


def real(name: str, value: Any) -> float:
    """Return `value` as a finite float."""
    try:
        number = _float(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"`{name}` must be a real number, got {shown(value)}; pass a float"
        ) from None
    if not math.isfinite(number):
        raise ValueError(
            f"`{name}` must be finite, got {number}; pass a number in the range of float64"
        )
    return number


def probability(name: str, value: Any, *, open_interval: bool = False) -> float:
    """Return `value` as a float in [0, 1], or in (0, 1)."""
    number = real(name, value)
    inside = 0.0 < number < 1.0 if open_interval else 0.0 <= number <= 1.0
    if not inside:
        interval = "(0, 1)" if open_interval else "[0, 1]"
        raise ValueError(
            f"`{name}` must lie in {interval}, got {number}; it is a probability, not a percentage"
        )
    return number


def several(name: str, value: Any, example: str) -> list[Any]:
    """Return the values of a grid as a list; they may come in any container, at least one."""
    return _listed(name, value, "values", f"pass e.g. {example}")


def instance(name: str, value: object, kind: type, remedy: str) -> None:
    """Raise TypeError unless the value is of a kind."""
    if not isinstance(value, kind):
        raise TypeError(
            f"`{name}` must be of type {kind.__name__}, got {type(value).__name__}; {remedy}"
        )


def instances(name: str, value: Any, kind: type[T], remedy: str) -> list[T]:
    """Return values of a kind as a list; they may come in any container, at least one."""
    found = _listed(name, value, kind.__name__, remedy)
    for k, one in enumerate(found):
        instance(f"{name}[{k}]", one, kind, remedy)
    return found


def _listed(name: str, value: Any, what: str, remedy: str) -> list[Any]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"`{name}` must be a sequence of {what}, got {shown(value)}; {remedy}")
    found = list(value)
    if not found:
        raise ValueError(f"`{name}` must not be empty; {remedy}")
    return found


def choice(name: str, value: object, allowed: Collection[str]) -> None:
    """Raise ValueError unless the value is one of those allowed."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(
            f"`{name}` must be one of {', '.join(allowed)}, got {shown(value)}; choose one of these"
        )


def flag(name: str, value: Any) -> bool:
    """Return a bool, and nothing that merely looks like one."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"`{name}` must be a bool, got {shown(value)}; pass True or False")
    return bool(value)


def belongs(
    name: str, result: Any, subject: str, remedy: str, *, what: str = "net and sample"
) -> None:
    """Raise unless a result was computed from what its fingerprint `subject` says."""
    found = getattr(result, "_subject", None)
    if found != subject:
        whose = f"another {what}" if found else "no known origin"
        raise ValueError(f"`{name}` must belong to this {what}, got that of {whose}; pass {remedy}")


def interval(name: str, value: Any) -> tuple[float, float]:
    """Return `value` as a pair low < high; infinite ends are allowed."""
    try:
        low, high = (_float(end) for end in value)
    except (TypeError, ValueError):
        raise TypeError(
            f"`{name}` must be a pair (low, high) of numbers, got {shown(value)}; pass a tuple"
        ) from None
    if not low < high:
        raise ValueError(f"`{name}` must satisfy low < high, got ({low}, {high}); swap or widen it")
    return low, high


def generator(rng: Any) -> np.random.Generator:
    """Return a numpy Generator from a seed or a Generator; nothing else draws."""
    if isinstance(rng, np.random.Generator):
        return rng
    try:
        if is_truth_value(rng):
            raise TypeError
        seed = operator.index(rng)
    except TypeError:
        raise TypeError(
            f"`rng` must be an int seed or a numpy.random.Generator, got {shown(rng)}; pass e.g. 0"
        ) from None
    if seed < 0:
        raise ValueError(f"`rng` must be a non-negative seed, got {seed}; pass e.g. 0")
    return np.random.default_rng(seed)


def _float(value: Any) -> float:
    """Return float(value), ±inf beyond the range; digits in a string are no number, and True is
    none either.
    """
    if isinstance(value, str | bytes) or is_truth_value(value):
        raise TypeError
    if is_tensor(value):
        value = value.detach()
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except RuntimeError:  # a tensor of several numbers, or of none
        raise TypeError from None


def shown(value: Any) -> str:
    """Return a value as a message shows it: a number of numpy's as the plain number, what is long
    or has many lines as the beginning of one.
    """
    text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
