"""Doubles as integers of any size over one power of two: arithmetic without rounding."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Matrix, Vector
from univariate.common.kernels.squares import squares

Mantissas = NDArray[np.int64]
Whole = NDArray[Any]
"""Integers of any size: an array of dtype object, whose operators are those of int."""


class WholeLayers(NamedTuple):
    """Layers whose weights and biases are integers; their outputs are multiples of 2^exponent."""

    weights: list[list[list[int]]]
    biases: list[list[int]]
    exponent: int


def integers(values: Vector) -> tuple[Mantissas, Mantissas]:
    """Return integers m and exponents e with values = m·2^e exactly."""
    fraction, exponent = np.frexp(values)
    return np.ldexp(fraction, 53).astype(np.int64), exponent.astype(np.int64) - 53


def least_exponent(mantissas: Whole | Mantissas, exponents: Mantissas) -> int:
    """Return the smallest exponent of a number that is not zero; 0 if all are."""
    live = exponents[mantissas != 0]
    return int(live.min()) if live.size else 0


def aligned(mantissas: Whole | Mantissas, exponents: Mantissas, least: int) -> Whole:
    """Return m·2^e as integers times 2^least; no exponent of a number but zero is smaller."""
    shifts = np.where(mantissas != 0, exponents - least, 0)
    return np.asarray(mantissas.astype(object) << shifts.astype(object))


def whole(values: Vector) -> tuple[Whole, int]:
    """Return integers and a power of two `unit` with values = integers/unit exactly."""
    mantissas, exponents = integers(values)
    least = min(0, least_exponent(mantissas, exponents))
    return aligned(mantissas, exponents, least), 1 << -least


def sum_of_squares(values: Vector) -> Fraction:
    """Return Σ values². Exact. Cost O(size)."""
    least, sums = squares(values)
    total = 0
    for k in np.flatnonzero(sums.any(axis=(1, 2))).tolist():
        for power, (low, high) in zip((54, 28, 0), sums[k].tolist(), strict=True):
            total += (low + (high << 32)) << (2 * k + power)
    return Fraction(total) * Fraction(4) ** least


def whole_layers(layers: Iterable[tuple[Matrix, Vector]]) -> WholeLayers:
    """Return affine layers in integers, each over a power of two of its own.

    A layer's outputs are integers if its inputs are: biases carry the powers of the layers before.
    """
    weights: list[list[list[int]]] = []
    biases: list[list[int]] = []
    exponent = 0
    for weight, bias in layers:
        factors = integers(weight)
        offsets = integers(bias)
        # all sums of a layer are integers times 2^exponent, and no finer unit is needed
        step = min(least_exponent(*factors), least_exponent(*offsets) - exponent)
        exponent += step
        weights.append(aligned(*factors, step).tolist())
        biases.append(aligned(*offsets, exponent).tolist())
    return WholeLayers(weights, biases, exponent)
