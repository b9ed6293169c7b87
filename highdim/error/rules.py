"""Clean errors of rules that are no nets: the nearest neighbour, ridgeless regression, or any
function that gives a number at every point.

A rule decides by the sign of its value, and 0 is an error, as it is of a net. Its errors are
counted at points of the law of x, with an interval of Clopper and Pearson, which always covers.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from highdim.error.drawn import errors
from highdim.error.draws import blocks
from highdim.error.estimate import Estimate
from highdim.error.intervals import from_flags
from highdim.error.sampling import estimated
from highdim.error.settled import Settled
from highdim.error.tangent_kernel import tangent_kernel
from highdim.problem.check import points
from highdim.problem.exact import ExactNet, Sides, scaled, sides
from highdim.problem.laws import Law, law_of
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_sample
from highdim.problem.truth import require_truth
from univariate.common import check
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.result import Result, result
from univariate.common.tolerance import UNIT_ROUNDOFF

POINTS: Final = 100_000
FITTED: Final = 1e-4  # misfit of a regression that passes for fitted

_UNDERFLOW: Final = 2.0**-1000
"""More than all that is lost by underflow in sums of products of numbers up to 1."""

Rule = Callable[[Matrix], Any]
"""A function of points in rows, (k, d) → (k,), that decides by its sign."""


@result
class NearestNeighbour(Result):
    """The rule of the nearest observation, in Euclidean distance.

    Its value at x is half the squared distance to the nearest −1 less that to the nearest +1; the
    sign is the label of the nearest observation, and 0 where the two are equally far. With one
    label only it is that label.
    """

    sample: SphereSample

    def __post_init__(self) -> None:
        require_sample(self.sample)

    def __call__(self, X: Any) -> Vector:
        """Return the value at the rows of X, (k, d) → (k,). Rounded; cost O(k m d)."""
        values, _, power = self._scaled(points("X", X, self.sample.dimension))
        return np.asarray(np.ldexp(values, 2 * power))

    def bounded(self, X: Matrix) -> tuple[Vector, Vector]:
        """Return values over a power of 4, and bounds on their rounding errors, at rows of X."""
        return self._scaled(X)[:2]

    def _scaled(self, X: Matrix) -> tuple[Vector, Vector, int]:
        """Return values, bounds, and the power of 2 that coordinates were divided by."""
        y = self.sample.y
        if len(np.unique(y)) == 1:
            return np.full(len(X), y[0]), np.zeros(len(X)), 0
        largest = max(np.abs(self.sample.X).max(), np.abs(X).max(initial=0.0))
        power = int(np.frexp(largest)[1])
        X, data = np.ldexp(X, -power), np.ldexp(self.sample.X, -power)
        scores = X @ data.T - 0.5 * np.sum(data**2, axis=1)
        plus, minus = (np.max(scores[:, y == label], axis=1) for label in (1.0, -1.0))
        # squares of data that are tiny beside X vanish
        top = float(np.abs(data).max())
        longest = top * float(np.linalg.norm(data / top, axis=1).max())
        size = np.linalg.norm(X, axis=1) * longest + longest**2
        terms = 4.0 * (X.shape[1] + 4)
        return plus - minus, terms * (UNIT_ROUNDOFF * size + _UNDERFLOW), power


@result
class TangentRegression(Result):
    """Ridgeless regression with the tangent kernel of infinitely wide two-layer nets with biases.

    f(x) = Σ_i α_i k(x, x_i) with f(x_i) = y_i. With x̃ = (x, 1), r the product of lengths and θ the
    angle of x̃ and x̃′, k = r ((π − θ) cos θ + sin θ)/π, of output weights, plus r cos θ (π − θ)/π,
    of the first layer. The rule is that of the rounded α. Source: Cho and Saul, Advances in Neural
    Information Processing Systems 22 (2009); Jacot, Gabriel and Hongler, ibid. 31 (2018).

    Attributes
    ----------
    sample : SphereSample
    coefficients : ndarray, shape (m,)
        α. `TangentRegression.of(sample)` finds them.

    Raises
    ------
    TypeError, ValueError
        No sample, or not one finite number for each observation.
    """

    sample: SphereSample
    coefficients: Vector

    def __post_init__(self) -> None:
        require_sample(self.sample)
        coefficients = check.vector("coefficients", self.coefficients)
        if len(coefficients) != self.sample.size:
            raise ValueError(
                f"`coefficients` must have a number for each of the {self.sample.size}"
                f" observations, got {len(coefficients)}; use TangentRegression.of(sample)"
            )
        object.__setattr__(self, "coefficients", coefficients)

    @classmethod
    def of(cls, sample: SphereSample) -> "TangentRegression":
        """Fit all labels of a sample. Rounded; cost O(m² d + m³).

        Raises
        ------
        TypeError, ValueError
            No sample, or one that is not fitted to four digits: inputs that repeat, or nearly do.
        """
        require_sample(sample)
        gram = tangent_kernel(sample.X, sample.X)[0]
        alpha = np.asarray(np.linalg.lstsq(gram, sample.y, rcond=None)[0], dtype=np.float64)
        off = float(np.max(np.abs(gram @ alpha - sample.y)))
        if not off <= FITTED:
            raise ValueError(
                f"`sample` must have inputs that differ, got a regression that misses labels by"
                f" {off:.3g}; merge inputs that nearly repeat"
            )
        return cls(sample, alpha)

    def __call__(self, X: Any) -> Vector:
        """Return f at the rows of X, (k, d) → (k,). Rounded; cost O(k m d)."""
        return self.bounded(points("X", X, self.sample.dimension))[0]

    def bounded(self, X: Matrix) -> tuple[Vector, Vector]:
        """Return values at the rows of X, and bounds on their rounding errors."""
        kernel, errors = tangent_kernel(X, self.sample.X)
        size = np.abs(self.coefficients)
        summing = (len(size) + 2) * UNIT_ROUNDOFF
        bounds = errors @ size + summing * (np.abs(kernel) @ size)
        return kernel @ self.coefficients, bounds


def rule_clean_error(
    rule: Rule,
    dimension: int | None = None,
    *,
    samples: int = POINTS,
    level: float = 0.95,
    law: Law | str | None = None,
    truth: TwoLayerNet | None = None,
    rng: Any,
) -> Estimate:
    """Return Pr[r(x) f*(x) ≤ 0] of a rule r that is no net, by points.

    Parameters
    ----------
    rule : callable
        `NearestNeighbour(sample)`, `TangentRegression.of(sample)`, or any function of points in
        rows, (k, d) → (k,): numbers whose sign decides, labels ±1 say.
    dimension : int, optional
        d, at least 2; that of its sample for a rule that has one, whose law and truth are meant
        then, too, unless others are given.
    samples : int
        Points to draw, at least 2.
    level : float
        Confidence of the interval, in (0, 1).
    law, truth
        As those of `clean_error`.
    rng : int or numpy.random.Generator
        Same seed, same bits.

    Returns
    -------
    Estimate
        With an interval of Clopper and Pearson. Signs of nearest neighbours and of the truth are
        exact, while a few seconds of exact arithmetic suffice for those that rounding hides; after
        that, and of a regression, values within the bound on their rounding error count as 0 for
        the value and `high`, not for `low`.

    Raises
    ------
    TypeError, ValueError
        No function, one that does not return a number for every point, NaN, or numbers out of
        range.

    Examples
    --------
    >>> from highdim import rule_clean_error
    >>> found = rule_clean_error(lambda X: X[:, 0], 5, rng=0)
    >>> found.low < 0.5 < found.high
    True
    """
    if not callable(rule):
        raise TypeError(
            f"`rule` must be a function of points in rows, got {type(rule).__name__}; pass"
            " NearestNeighbour(sample), say"
        )
    known = getattr(rule, "sample", None)
    if isinstance(known, SphereSample):
        dimension = known.dimension if dimension is None else dimension
        law = known.law if law is None else law
        truth = known.truth if truth is None else truth
    if dimension is None:
        raise ValueError("`dimension` must be given for a rule without a sample; pass d")
    d = check.count("dimension", dimension, least=2)
    of_x = law_of(law, d)
    against = None if truth is None else require_truth(truth, d)
    samples = check.count("samples", samples, least=2)
    level = check.probability("level", level, open_interval=True)
    generator = check.generator(rng)
    # a rule of observations has a number for each of them at every point
    size = max(d, known.size) if isinstance(known, SphereSample) else d
    drawn = (of_x.draw(part.stop - part.start, d, generator) for part in blocks(samples, size))
    decides = _Sides(rule)
    truly = None if against is None else _Truly(against)
    flags = (_errors(decides(X), None if truly is None else truly(X)) for X in drawn)
    found = estimated(from_flags(flags, samples, level), "points", level)
    return replace(found, law=of_x.name)


class _Sides:
    """The sides of a rule at points in rows."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._settled: Settled | None = None
        if isinstance(rule, NearestNeighbour):
            self._settled = Settled(_ExactNeighbour(rule.sample))

    def __call__(self, X: Matrix) -> Sides:
        values, bounds = _values(self._rule, X)
        known = Sides(values <= -bounds, values >= bounds, values > bounds, values < -bounds)
        return known if self._settled is None else self._settled.sides(X, known)


class _Truly:
    """The sides of a truth at points in rows."""

    def __init__(self, truth: TwoLayerNet) -> None:
        self._truth = truth
        self._settled = Settled(ExactNet(truth))

    def __call__(self, X: Matrix) -> Sides:
        return self._settled.sides(X, sides(self._truth, X))


class _ExactNeighbour:
    """Which label is nearest, in whole numbers: the sign of the nearest neighbour's value."""

    def __init__(self, sample: SphereSample) -> None:
        self.products = sample.X.size
        self._plus = (sample.y > 0.0).tolist()
        self._data, self._power = scaled(sample.X)

    def sign(self, x: Vector) -> int:
        """Return the label nearest to x, 0 where the two are equally far."""
        whole, power = scaled(x)
        least = min(power, self._power)
        finer = self._power - least
        point = [entry << (power - least) for entry in whole]
        nearest: dict[bool, int] = {}
        for row, plus in zip(self._data, self._plus, strict=True):
            distance = sum(((a << finer) - b) ** 2 for a, b in zip(row, point, strict=True))
            nearest[plus] = min(distance, nearest.get(plus, distance))
        return (nearest[False] > nearest[True]) - (nearest[False] < nearest[True])


def _values(rule: Rule, X: Matrix) -> tuple[Vector, Vector]:
    """Return the values of a rule, and bounds on their rounding errors, 0 where there are none."""
    if isinstance(rule, NearestNeighbour | TangentRegression):
        return rule.bounded(X)
    found = check.real_array("rule", rule(X))
    if found.shape != (len(X),):
        raise ValueError(
            f"`rule` must return one number for every point, shape ({len(X)},), got {found.shape};"
            " decide by its sign"
        )
    return found, np.zeros(len(X))


def _errors(rule: Sides, truth: Sides | None) -> tuple[Mask, Mask]:
    """Return where a rule errs for certain, and where it may."""
    return (rule.low, ~rule.positive) if truth is None else errors(rule, truth)
