"""Clean errors of rules that are no nets: those of `highdim.error.rules`, and any function that
gives a number at every point.

A rule decides by the sign of its value, and 0 is an error, as it is of a net. Its errors are
counted at points of the law of x, with an interval of Clopper and Pearson, which always covers.
"""

from dataclasses import replace
from typing import Any, Final

from highdim.error.draws import blocks
from highdim.error.estimate import Estimate
from highdim.error.exact_signs import Settled
from highdim.error.intervals import from_flags
from highdim.error.monte_carlo import errors
from highdim.error.rule_values import Rule, dimension_error, function_of, refuse_coded, values_of
from highdim.error.rules import NearestNeighbour, TangentRegression
from highdim.error.sampling import estimated
from highdim.problem.exact import ExactNet, Sides, scaled, sides
from highdim.problem.law import Law
from highdim.problem.network import ThreeLayerNet, TwoLayerNet
from highdim.problem.recognised import law_of
from highdim.problem.sample import SphereSample, law_meant
from highdim.problem.truth import require_truth
from univariate.common import check
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.codes import Codes

POINTS: Final = 100_000

_KNOWN: Final = (NearestNeighbour, TangentRegression, TwoLayerNet, ThreeLayerNet)
"""Rules whose values are no codes of classes: 0 is where they vanish."""


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
        rows, (k, d) → (k,): numbers whose sign decides, labels ±1 say. Those that look like
        probabilities, or their logarithms, or classes 1 and 2 or −1 and 0, are a warning.
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

    Warns
    -----
    UserWarning
        Values that look like codes of classes; a sample of the rule whose law is that on the
        sphere, and whose inputs do not lie on it.

    Raises
    ------
    TypeError, ValueError
        No function, one that does not return a number for every point, NaN, classes 0 and 1
        against a truth, or numbers out of range.

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
            f" {function_of(rule)}"
        )
    known = getattr(rule, "sample", None)
    if isinstance(known, SphereSample):
        dimension = known.dimension if dimension is None else dimension
        law = law_meant(known, law)
        truth = known.truth if truth is None else truth
    if dimension is None:
        raise ValueError("`dimension` must be given for a rule without a sample; pass d")
    d = check.count("dimension", dimension, least=2)
    _require_dimension(rule, d)
    of_x = law_of(law, d)
    against = None if truth is None else require_truth(truth, d)
    samples = check.count("samples", samples, least=2)
    level = check.probability("level", level, open_interval=True)
    generator = check.generator(rng)
    # a rule of observations has a number for each of them at every point
    size = max(d, known.size) if isinstance(known, SphereSample) else d
    drawn = (of_x.draw(part.stop - part.start, d, generator) for part in blocks(samples, size))
    decides = _Sides(rule, of_truth=against is not None)
    truly = None if against is None else _Truly(against)
    flags = (_errors(decides(X), None if truly is None else truly(X)) for X in drawn)
    found = estimated(from_flags(flags, samples, level), "points", level)
    decides.codes.warn("rule", everywhere=True)
    return replace(found, law=of_x.name)


def _require_dimension(rule: Rule, d: int) -> None:
    """Raise ValueError if a rule of this package is one of points of another dimension."""
    if not isinstance(rule, _KNOWN):
        return
    own = rule if isinstance(rule, TwoLayerNet | ThreeLayerNet) else rule.sample
    if own.dimension != d:
        raise dimension_error(own.dimension, d)


class _Sides:
    """The sides of a rule at points in rows."""

    def __init__(self, rule: Rule, of_truth: bool) -> None:
        self._rule = rule
        self._of_truth = of_truth
        self.codes = Codes()
        self._settled: Settled | None = None
        if isinstance(rule, NearestNeighbour):
            self._settled = Settled(_ExactNeighbour(rule.sample))

    def __call__(self, X: Matrix) -> Sides:
        values, bounds = values_of(self._rule, X)
        if self._of_truth and not isinstance(self._rule, _KNOWN):
            refuse_coded(values)
        if not isinstance(self._rule, _KNOWN):
            self.codes.add(values)
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


def _errors(rule: Sides, truth: Sides | None) -> tuple[Mask, Mask]:
    """Return where a rule errs for certain, and where it may."""
    return (rule.low, ~rule.positive) if truth is None else errors(rule, truth)
