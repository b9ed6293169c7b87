"""Evaluation of layered ReLU nets on R^d and of their input gradients, safe from overflow.

Hidden layers are pairs (weight, bias or None), first layer first; v are the output weights.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Matrix, Vector

Hidden = tuple[tuple[Matrix, Vector | None], ...]

_LARGE: Final = 100  # parameters beyond 2^100 are scaled by powers of two before products are taken
_CHUNK: Final = 1 << 22  # hidden values held at a time


class Layers(NamedTuple):
    """A net 2^exponent v·σ(… σ(W x + b) …) with parameters below 2^100."""

    hidden: Hidden
    v: Vector
    exponent: int


def scaled(hidden: Hidden, v: Vector) -> Layers:
    """Take powers of two out of huge parameters, so that sums of products stay finite.

    Exact but for subnormals.
    """
    layers: list[tuple[Matrix, Vector | None]] = []
    total = 0
    for weight, bias in hidden:
        if bias is None:
            shift = _excess(weight)
            layers.append((_times_power(weight, -shift), None))
        else:
            # layers below were divided by 2^total, so biases must be
            offset = _times_power(bias, -total)
            shift = _excess(weight, offset)
            layers.append((_times_power(weight, -shift), _times_power(offset, -shift)))
        total += shift
    shift = _excess(v)
    return Layers(tuple(layers), _times_power(v, -shift), total + shift)


def evaluate(layers: Layers, X: Matrix) -> Vector:
    """N at the rows of X, (k, d) → (k,); ±inf on overflow. Rounded."""
    out = np.empty(len(X))
    for part, values in _pre_activations(layers, X):
        out[part] = np.maximum(values[-1], 0.0) @ layers.v
    return _times_power(out, layers.exponent)


def input_gradient(layers: Layers, X: Matrix) -> Matrix:
    """∇N at the rows of X, (k, d) → (k, d), σ'(0) = 0; ±inf on overflow. Rounded."""
    out = np.empty(X.shape)
    for part, values in _pre_activations(layers, X):
        back = (values[-1] > 0.0) * layers.v
        for (weight, _), below in zip(layers.hidden[:0:-1], values[-2::-1], strict=True):
            back = (below > 0.0) * (back @ weight)
        out[part] = back @ layers.hidden[0][0]
    return _times_power(out, layers.exponent)


def sum_of_squares(arrays: Mapping[str, NDArray[np.float64]]) -> float:
    """Return the sum of squares of all entries, rounded; inf beyond the range of doubles."""
    exponent = _exponent(*arrays.values())
    with np.errstate(over="ignore", under="ignore"):
        total = sum(float(np.sum(np.ldexp(array, -exponent) ** 2)) for array in arrays.values())
        return float(np.ldexp(total, 2 * exponent))


def _excess(*arrays: NDArray[np.float64]) -> int:
    """Return the power of two to divide by, so that no entry exceeds 2^100."""
    return max(0, _exponent(*arrays) - _LARGE)


def _exponent(*arrays: NDArray[np.float64]) -> int:
    """Return e with all entries below 2^e in size."""
    return max(int(np.frexp(max(float(a.max()), -float(a.min())))[1]) for a in arrays)


def _pre_activations(layers: Layers, X: Matrix) -> Iterator[tuple[slice, list[Matrix]]]:
    """Yield the pre-activations of every hidden layer, chunk by chunk of the rows of X."""
    step = max(1, _CHUNK // max(len(weight) for weight, _ in layers.hidden))
    for start in range(0, len(X), step):
        part = slice(start, start + step)
        below = X[part]
        found = []
        for weight, bias in layers.hidden:
            values = below @ weight.T
            if bias is not None:
                values += bias
            found.append(values)
            below = np.maximum(values, 0.0)
        yield part, found


def _times_power(values: NDArray[np.float64], exponent: int) -> NDArray[np.float64]:
    """Return 2^exponent times the values; the array itself where nothing is to be done."""
    if not exponent:
        return values
    with np.errstate(over="ignore", under="ignore"):
        return np.ldexp(values, exponent)
