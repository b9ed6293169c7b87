"""Clean errors of rules that are no nets: those of `highdim.error.rules`, and any function that
gives a number at every point.

A rule decides by the sign of its value, and 0 is an error, as it is of a net. Its errors are
counted at points of the law of x, with an interval of Clopper and Pearson, which always covers.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from highdim.error.draws import blocks
from highdim.error.estimate import Estimate
from highdim.error.exact_signs import Settled
from highdim.error.intervals import from_flags
from highdim.error.monte_carlo import errors
from highdim.error.rules import NearestNeighbour, TangentRegression
from highdim.error.sampling import estimated
from highdim.problem.exact import ExactNet, Sides, scaled, sides
from highdim.problem.law import Law
from highdim.problem.network import ThreeLayerNet, TwoLayerNet
from highdim.problem.recognised import law_of
from highdim.problem.sample import SphereSample
from highdim.problem.truth import require_truth
from univariate.common import check
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.codes import Codes
from univariate.common.foreign_arrays import plain_array

POINTS: Final = 100_000
_ROWS: Final = "for one of a point x, pass lambda X: np.array([rule(x) for x in X])"

_KNOWN: Final = (NearestNeighbour, TangentRegression, TwoLayerNet, ThreeLayerNet)
"""Rules whose values are no codes of classes: 0 is where they vanish."""

Rule = Callable[[Matrix], Any]
"""A function of points in rows, (k, d) → (k,), that decides by its sign."""


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
        probabilities, or classes 1 and 2, are a warning.
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
            f" {_function_of(rule)}"
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
    decides = _Sides(rule, of_truth=against is not None)
    truly = None if against is None else _Truly(against)
    flags = (_errors(decides(X), None if truly is None else truly(X)) for X in drawn)
    found = estimated(from_flags(flags, samples, level), "points", level)
    decides.codes.warn("rule", stacklevel=2)
    return replace(found, law=of_x.name)


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
        values, bounds = _values(self._rule, X)
        if self._of_truth and not isinstance(self._rule, _KNOWN):
            _refuse_coded(values)
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


def _values(rule: Rule, X: Matrix) -> tuple[Vector, Vector]:
    """Return the values of a rule, and bounds on their rounding errors, 0 where there are none."""
    if isinstance(rule, NearestNeighbour | TangentRegression):
        return rule.bounded(X)
    given = plain_array("rule", _asked(rule, X))
    if given.dtype.kind in "bUS" or (given.size and isinstance(given.flat[0], str)):
        kind, way = "truth values", "2.0 * rule(X) - 1.0"
        if given.dtype.kind != "b":
            kind, way = f"texts as {str(given.flat[0])!r}", "np.where(rule(X) == right, 1.0, -1.0)"
        raise TypeError(f"`rule` must decide by its sign, got {kind}; pass lambda X: {way}")
    _require_finite(given)
    found = check.real_array("rule", given)
    if found.shape != (len(X),):
        raise ValueError(
            f"`rule` must return one number for every point, shape ({len(X)},), got {found.shape};"
            f" {_remedy(rule, found.shape, X)}"
        )
    return found, np.zeros(len(X))


def _require_finite(given: Any) -> None:
    """Raise ValueError for numbers that do not decide, or that wrapped around."""
    if given.dtype.kind == "f" and not np.all(np.isfinite(given)):
        off = given[~np.isfinite(given)]
        raise ValueError(
            f"`rule` must be finite, got {off.flat[0]} ({off.size} such); decide there, too: pass"
            " lambda X: np.nan_to_num(rule(X)), where NaN is an error"
        )
    if given.dtype.kind == "u" and given.size and given.max() > np.iinfo(given.dtype).max // 2:
        raise ValueError(
            f"`rule` must decide by its sign, got {given.max()} of {given.dtype}, which has no"
            " numbers below 0 and wraps around; convert labels to float before 2 * y - 1"
        )


def _function_of(rule: Any) -> str:
    """Return the function of points that an object has, as classifiers and regressions do."""
    named = (f"rule.{name}" for name in ("decision_function", "predict") if hasattr(rule, name))
    return next(named, "NearestNeighbour(sample), say")


def _asked(rule: Rule, X: Matrix) -> Any:
    """Return what a function gives for points in rows."""
    try:
        # a copy: functions may prepare inputs in place, and the truth is asked at the same points
        return rule(X.copy())
    except (TypeError, ValueError, IndexError) as error:
        if hasattr(rule, "state_dict"):
            raise TypeError(
                f"`rule` must be a function of arrays, got the module {type(rule).__name__}, which"
                " takes tensors; pass TwoLayerNet.from_torch(rule), or lambda X:"
                " rule(torch.as_tensor(X, dtype=torch.float32)).detach().squeeze(-1)"
            ) from error
        if not _takes_a_point(rule, X):
            raise
        raise TypeError(
            f"`rule` must be a function of points in rows, got {type(error).__name__} of shape"
            f" {X.shape}: {error}; {_ROWS}"
        ) from error


def _remedy(rule: Rule, shape: tuple[int, ...], X: Matrix) -> str:
    """Return how a function of points in rows gets the right shape."""
    if shape == (len(X), 1):
        return "pass lambda X: rule(X)[:, 0]"
    if shape == (1, len(X)):
        return "pass lambda X: rule(X)[0]"
    if shape == (len(X), 2):
        return "if these are scores of -1 and +1, pass lambda X: rule(X)[:, 1] - rule(X)[:, 0]"
    return _ROWS if _takes_a_point(rule, X) else "decide by its sign"


def _takes_a_point(rule: Rule, X: Matrix) -> bool:
    """Whether a function gives one number for one point."""
    try:
        found = check.real_array("rule", rule(X[0].copy()))
    except Exception:  # whatever it raises
        return False
    return found.shape == ()


def _refuse_coded(values: Vector) -> None:
    """Refuse classes 0 and 1, of which 0 would be an error wherever the truth is -1, too."""
    if np.array_equal(np.unique(values), [0.0, 1.0]):
        raise ValueError(
            "`rule` must decide by its sign, got 0 and 1 alone, and 0 decides nothing; pass"
            " lambda X: 2.0 * rule(X) - 1.0 for classes, or 2.0 * rule(X) if 0 is no decision"
        )


def _errors(rule: Sides, truth: Sides | None) -> tuple[Mask, Mask]:
    """Return where a rule errs for certain, and where it may."""
    return (rule.low, ~rule.positive) if truth is None else errors(rule, truth)
