"""Affine maps and piecewise linear activations, one after the other, as layers with ReLU between.

h ↦ max(h, 0) + a min(h, 0) is σ(h) − a σ(−h): a leaky ReLU (a its slope), |·| (a = −1) and PReLU
become a second ReLU on the same line, of output weights −a times the first's. Those products are
rounded to nearest, which is exact where a is a power of two, 0 or −1, or where both numbers have at
most 26 digits, as those of float32 have.

Affine maps in a row, batch normalisation as in evaluation included, become one whose weights and
biases are reckoned as fractions and rounded to nearest, once: each is within 2^−53 of its own size,
or 2^−1075. Square roots of variances, where there are any, are known to 150 binary digits before,
which adds 2^−149 of the sizes of the terms that are summed up.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.nets.named_layers import Layer, NamedLayers

IN_PAIRS: Final = " in pairs"
"""What names of layers end in whose units are two neurons each, but for those of ReLU."""

_PRODUCTS: Final = 2_000_000  # of fractions, some seconds
_DIGITS: Final = 150


class Affine(NamedTuple):
    """h ↦ weight h + bias; a weight of one axis is diagonal. Entries are doubles or fractions."""

    name: str
    weight: NDArray[Any]
    bias: NDArray[Any] | None
    terms: NDArray[np.float64] | None = None
    """Sizes of the terms that a bias is a sum of, if it is one: their rounding may exceed it."""

    @property
    def added(self) -> NDArray[np.float64]:
        """The sizes of what is added to weight h."""
        if self.terms is not None:
            return self.terms
        return np.zeros(len(self.weight)) if self.bias is None else np.abs(_doubles(self.bias))


class Bend(NamedTuple):
    """h ↦ max(h, 0) + slope min(h, 0), slope () or one for each channel; 0 is ReLU, −1 |·|."""

    slope: NDArray[np.float64]


Step = Affine | Bend
RELU: Final = Bend(np.zeros(()))


def layers_of_program(steps: Sequence[Step]) -> NamedLayers:
    """Return name → (weight, bias or None) of layers with ReLU between them that compute the same;
    names say where neurons have become pairs.

    Exact but for the rounding that the module docstring states.

    Raises
    ------
    ValueError
        No affine map, sizes that do not fit, products beyond the range of doubles or too many.
    """
    merged = _alternating(steps)
    layers: NamedLayers = {}
    slope: NDArray[np.float64] | None = None  # of the bend before
    for k in range(0, len(merged), 2):
        affine = merged[k]
        after = merged[k + 1] if k + 1 < len(merged) else RELU
        assert isinstance(affine, Affine)
        assert isinstance(after, Bend)
        weight, bias = _rounded(affine)
        if slope is not None:
            weight = _with_slopes(affine.name, weight, slope)
        slope = np.broadcast_to(after.slope, (len(weight),))
        bent = slope != 0.0
        name = affine.name
        if np.any(bent):
            name = f"{name}{IN_PAIRS}"
            weight = np.vstack([weight, -weight[bent]])
            bias = None if bias is None else np.append(bias, -bias[bent])
        layers[_fresh(name, layers)] = weight, bias
    return layers


def normalisation(
    name: str,
    mean: NDArray[np.float64],
    variance: NDArray[np.float64],
    epsilon: float,
    factors: tuple[NDArray[np.float64] | None, NDArray[np.float64] | None],
) -> Affine:
    """Return batch normalisation as in evaluation, (h − mean)/√(variance + ε) γ + β."""
    gamma, beta = factors
    scale = np.array([1 / _root(Fraction(v) + Fraction(epsilon)) for v in variance.tolist()])
    if gamma is not None:
        scale = scale * _fractions(gamma)
    shift = -scale * _fractions(mean)
    terms = np.abs(_doubles(shift)) + (0.0 if beta is None else np.abs(beta))
    return Affine(name, scale, shift if beta is None else shift + _fractions(beta), terms)


def _root(number: Fraction) -> Fraction:
    if number <= 0:
        raise ValueError(
            f"`model` must normalise by positive variances, got {float(number)}; train it again"
        )
    whole = isqrt((number.numerator * number.denominator) << (2 * _DIGITS))
    return Fraction(whole, number.denominator << _DIGITS)


def _alternating(steps: Sequence[Step]) -> list[Step]:
    """Return affine, bend, affine, …, affine: maps in a row merged, identities between bends."""
    found: list[Step] = []
    for k, step in enumerate(steps):
        last = found[-1] if found else None
        if isinstance(step, Affine):
            if isinstance(last, Affine):
                found[-1] = _composed(last, step)
            else:
                found.append(step)
        else:
            if not isinstance(last, Affine):
                found.append(_identity(steps, k))
            found.append(step)
    if not found:
        raise ValueError("`model` must have linear layers, got none; pass the whole network")
    if isinstance(found[-1], Bend):
        found.append(_identity(steps, len(steps)))
    return found


def _identity(steps: Sequence[Step], place: int) -> Affine:
    """Return the identity before the step at `place`, of the size that its neighbours have."""
    for step in reversed(steps[:place]):
        if isinstance(step, Affine):
            return Affine("identity", np.ones(len(step.weight)), None)
    for step in steps[place:]:
        if isinstance(step, Affine):
            return Affine("input", np.ones(step.weight.shape[-1]), None)
    raise ValueError("`model` must have linear layers, got none; pass the whole network")


def _composed(first: Affine, second: Affine) -> Affine:
    """Return the second map after the first, in fractions."""
    name = f"{first.name}*{second.name}"
    a, b = _fractions(first.weight), _fractions(second.weight)
    products = len(b) * a.size if a.ndim == b.ndim == 2 else max(a.size, b.size)
    if products > _PRODUCTS:
        raise ValueError(
            f"`model` has linear layers in a row, {first.name!r} and {second.name!r}, too large to"
            " multiply exactly; multiply them before"
        )
    if a.shape[0] != b.shape[-1]:
        raise ValueError(
            f"`model` must have layers that fit together, got {a.shape[0]} outputs of"
            f" {first.name!r} for {b.shape[-1]} inputs of {second.name!r}; check forward"
        )
    if b.ndim == 1:
        weight = b * a if a.ndim == 1 else b[:, None] * a
    else:
        weight = b * a if a.ndim == 1 else _product(second.weight, first.weight)
    bias = None if second.bias is None else _fractions(second.bias)
    if first.bias is not None:
        moved = _fractions(first.bias)
        moved = b * moved if b.ndim == 1 else b @ moved
        bias = moved if bias is None else moved + bias
    return Affine(name, weight, bias)


def _product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Return a product of matrices in fractions; of doubles by integers, far more quickly."""
    if object in (left.dtype, right.dtype):
        return np.asarray(_fractions(left) @ _fractions(right))
    (a, low), (b, lower) = _integers(left), _integers(right)
    unit = Fraction(2) ** (low + lower)
    whole = a @ b
    found = np.empty(whole.size, dtype=object)
    found[:] = [entry * unit for entry in whole.ravel()]
    return found.reshape(whole.shape)


def _doubles(array: NDArray[Any]) -> NDArray[np.float64]:
    return array.astype(np.float64)


def _integers(array: NDArray[np.float64]) -> tuple[NDArray[Any], int]:
    """Return integers n and an exponent e with array = n 2^e."""
    mantissas, exponents = np.frexp(array.ravel())
    low = int(exponents.min()) - 53
    found = np.empty(array.size, dtype=object)
    found[:] = [
        int(mantissa * 2.0**53) << (exponent - 53 - low)
        for mantissa, exponent in zip(mantissas.tolist(), exponents.tolist(), strict=True)
    ]
    return found.reshape(array.shape), low


def _fractions(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == object:
        return array
    entries = np.empty(array.size, dtype=object)
    entries[:] = [Fraction(entry) for entry in array.ravel().tolist()]
    return entries.reshape(array.shape)


def _rounded(affine: Affine) -> Layer:
    """Return a map with a full matrix of doubles, each the nearest."""
    weight = _nearest(affine.name, affine.weight)
    bias = None if affine.bias is None else _nearest(affine.name, affine.bias)
    return (np.diag(weight) if weight.ndim == 1 else weight), bias


def _nearest(name: str, array: NDArray[Any]) -> NDArray[np.float64]:
    if array.dtype != object:
        return array
    try:
        return np.array([float(entry) for entry in array.ravel()]).reshape(array.shape)
    except OverflowError:
        raise ValueError(
            f"`model` has products of weights in {name!r} beyond the range of doubles; rescale its"
            " layers"
        ) from None


def _with_slopes(
    name: str, weight: NDArray[np.float64], slope: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weights (k, n) with those of the second ReLUs behind them."""
    bent = slope != 0.0
    with np.errstate(over="ignore", under="ignore"):
        second = -weight[:, bent] * slope[bent]
    if not np.all(np.isfinite(second)):
        raise ValueError(
            f"`model` has products of slopes and weights in {name!r} beyond the range of doubles;"
            " rescale its layers"
        )
    return np.hstack([weight, second])


def _fresh(name: str, taken: NamedLayers) -> str:
    """Return a name that no layer has yet: a layer may be applied twice."""
    found, k = name, 1
    while found in taken:
        k += 1
        found = f"{name}#{k}"
    return found
