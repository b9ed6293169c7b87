"""The path T(t) = Σ_{x_i > t} λ_i y_i (x_i, 1) of a KKT point, and where it puts the kinks.

Stationarity of a neuron says that |v_j| = |(w_j, b_j)| and that Σ λ_i y_i σ'_ij (x_i, 1) is its
direction sign(v)(w, b)/|(w, b)|. With e(t) = (1, −t)/√(1 + t²), kink t and s = sign v that is
T(t) = s e(t) for a right-oriented neuron and T(t) = S + s e(t) for a left-oriented one, S being the
whole sum. On a kink at a datum T may be any point of the step there.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.common.integers import Whole, whole
from univariate.problem.cells import Cells
from univariate.problem.rational import prefix_sums
from univariate.problem.sample import Sample
from univariate.standing.kkt import KktCertificate


class Path(NamedTuple):
    """The path of a certificate's multipliers. Summed exactly, rounded once."""

    total: Vector  # (2,) S
    stop: Matrix  # (n, 2) T at the kink of every neuron that counts, 0 for the others
    miss: Vector  # (k,) how far the neurons that count are from stationarity
    bends: Indices  # (q,) the data with λ > 0, increasing


def path_of(sample: Sample, certificate: KktCertificate, cells: Cells) -> Path:
    """Return the path through the given neurons.

    Sums of multipliers cancel: next to small gaps they reach 10¹⁰ and add up to 1. Cost
    O(k + m) additions of integers.
    """
    bends = np.flatnonzero(certificate.multipliers + certificate.remainders > 0.0)
    steps, unit = _steps(
        sample, bends, certificate.multipliers[bends], certificate.remainders[bends]
    )
    before = [prefix_sums(part) for part in steps]
    parts, part_unit = _pinned(sample, certificate, cells)
    # the first bends right of every kink, and not left of it: one on the datum is in between
    ahead = np.searchsorted(bends, (cells.position + 1) // 2)
    behind = np.searchsorted(bends, cells.position // 2)
    found = np.empty((2, len(cells.neuron)))
    for row, sums in enumerate(before):
        whole_sum = np.where(cells.left, sums[behind], sums[-1] - sums[ahead])
        weighted = whole_sum * part_unit + parts[row] * unit
        found[row] = _divided(weighted, unit * part_unit)
    total = _divided(np.array([sums[-1] for sums in before], dtype=object), unit)
    stop = np.zeros((1 + int(cells.neuron.max(initial=0)), 2))
    stop[cells.neuron] = np.where(cells.left[:, None], total - found.T, found.T)
    miss = np.hypot(*(found.T - cells.direction).T)
    return Path(total, stop, miss, bends)


def _steps(sample: Sample, where: Indices, high: Vector, low: Vector) -> tuple[list[Whole], int]:
    """Return the steps λ y (x, 1) at some data, as two arrays of integers over one unit."""
    (upper, lower), fine = whole(np.stack([high, low]))
    points, coarse = whole(sample.x[where])
    signs = np.array([int(label) for label in sample.y[where]], dtype=object)
    step = (upper + lower) * signs
    return [step * points, step * coarse], fine * coarse


def _pinned(sample: Sample, certificate: KktCertificate, cells: Cells) -> tuple[list[Whole], int]:
    """Return for every neuron the part of the step at its datum that it takes with it."""
    clarke = certificate.clarke
    steps, unit = _steps(sample, clarke.observation, clarke.weight, clarke.remainder)
    width = 1 + max(clarke.neuron.max(initial=0), cells.neuron.max(initial=0))
    sums = []
    for part in steps:
        taken = np.zeros(width, dtype=object)
        np.add.at(taken, clarke.neuron, part)
        sums.append(taken[cells.neuron])
    return sums, unit


def _divided(numbers: Whole, unit: int) -> Vector:
    """Return integers over a unit, correctly rounded."""
    return np.array([number / unit for number in numbers.tolist()], dtype=np.float64)
