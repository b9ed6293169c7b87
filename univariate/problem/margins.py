"""Margins y_i N(x_i), proved: an enclosure first, rational arithmetic where that leaves a doubt."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from univariate.common.result import Result, Verdict
from univariate.problem.deep import evaluate_deep
from univariate.problem.exact import exact_net
from univariate.problem.network import Network, ReluNet, require_network
from univariate.problem.sample import Sample, require_sample
from univariate.problem.sweep import evaluate

Vector = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Margins(Result):
    """The margins of a net on a sample.

    Attributes
    ----------
    values : ndarray, shape (m,)
        Rounded margins y_i N(x_i).
    bounds : ndarray, shape (m,)
        Rigorous bounds on their errors.
    worst : int
        Index of the smallest margin (of the smallest lower bound, where two are too close to call).
    """

    values: Vector = field(compare=False)
    bounds: Vector = field(compare=False)
    worst: int

    @property
    def low(self) -> float:
        """A rigorous lower bound on every margin, itself rounded down."""
        return float(np.nextafter(self.values - self.bounds, -np.inf).min())


def margins(net: Network, sample: Sample) -> Margins:
    """Return y_i N(x_i) for every observation. Rounded, with rigorous bounds.

    Cost O((n + m) log (n + m)) for a shallow net, O(parameters · m) for a deep one. Source: Eq.
    (3).
    """
    require_network(net)
    require_sample(sample)
    if isinstance(net, ReluNet):
        values, bounds = evaluate(net.v, net.w, net.b, sample.x)
    else:
        values, bounds = evaluate_deep(net.layers, sample.x)
    largest = np.finfo(np.float64).max
    # an overflow has an infinite bound anyway
    values = np.clip(values * sample.y, -largest, largest)
    return Margins(values, bounds, int(np.argmin(values - bounds)))


def active_within(found: Margins, level: float) -> NDArray[np.bool_]:
    """Return which margins may exceed the smallest by at most `level`, relatively; errors are
    counted in.
    """
    smallest = float(found.values.min())
    return np.asarray(found.values <= smallest * (1.0 + level) + 2.0 * found.bounds)


def margins_reach(
    net: Network, sample: Sample, level: float, found: Margins | None = None
) -> NDArray[np.bool_]:
    """Return for every observation whether y_i N(x_i) ≥ level.

    Exact: doubtful ones are settled in rationals.
    """
    found = margins(net, sample) if found is None else found
    slack = found.values - level
    # the difference of two doubles near each other is exact; elsewhere its rounding is far below
    # the bound
    doubt = ~(np.abs(slack) > found.bounds * (1.0 + 2.0**-50))
    reached = slack > 0.0
    if doubt.any():
        exact, wanted = exact_net(net), Fraction(level)
        for i in np.flatnonzero(doubt):
            reached[i] = exact.value(float(sample.x[i])) * int(sample.y[i]) >= wanted
    return reached


def smallest_margin(net: Network, sample: Sample) -> Fraction:
    """Return min_i y_i N(x_i).

    Exact; rational arithmetic only for the observations that can attain it.
    """
    found = margins(net, sample)
    with np.errstate(over="ignore"):
        candidates = ~(found.values - found.bounds > (found.values + found.bounds).min())
    exact = exact_net(net)
    return min(
        exact.value(float(sample.x[i])) * int(sample.y[i]) for i in np.flatnonzero(candidates)
    )


@dataclass(frozen=True, repr=False)
class Interpolation(Result):
    """Whether y_i N(x_i) > 0 for all i (exact), the worst observation, and its margin (rounded)."""

    verdict: Verdict
    worst: int
    margin: float
    low: float  # rigorous enclosure of the smallest margin
    high: float


def interpolates(net: Network, sample: Sample) -> Interpolation:
    """Decide whether the net classifies every observation correctly. Exact.

    Cost that of `margins`.
    """
    found = margins(net, sample)
    doubtful = np.flatnonzero(~(np.abs(found.values) > found.bounds))
    wrong = np.flatnonzero(found.values < -found.bounds)
    if doubtful.size and not wrong.size:
        exact = exact_net(net)
        wrong = np.array(
            [i for i in doubtful if exact.value(float(sample.x[i])) * int(sample.y[i]) <= 0],
            dtype=np.intp,
        )
    worst = int(wrong[np.argmin(found.values[wrong])]) if wrong.size else found.worst
    with np.errstate(over="ignore"):
        high = float(np.nextafter(found.values + found.bounds, np.inf).min())
    return Interpolation(
        Verdict.of(not wrong.size), worst, float(found.values[worst]), found.low, high
    )
