"""Values of rules that are no nets, checked: one number for every point, whose sign decides."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from highdim.error.rules import NearestNeighbour, TangentRegression
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.codes import has_wrapped
from univariate.common.foreign_arrays import plain_array

_ROWS: Final = "for one of a point x, pass lambda X: np.array([rule(x) for x in X])"

Rule = Callable[[Matrix], Any]
"""A function of points in rows, (k, d) → (k,), that decides by its sign."""


def values_of(rule: Rule, X: Matrix) -> tuple[Vector, Vector]:
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
    if has_wrapped(given):
        raise ValueError(
            f"`rule` must decide by its sign, got {given.max()} of {given.dtype}, which has no"
            " numbers below 0 and wraps around; convert labels to float before 2 * y - 1"
        )


def function_of(rule: Any) -> str:
    """Return the function of points that an object has, as classifiers and regressions do."""
    named = (f"rule.{name}" for name in ("decision_function", "predict") if hasattr(rule, name))
    return next(named, "NearestNeighbour(sample), say")


def _asked(rule: Rule, X: Matrix) -> Any:
    """Return what a function gives for points in rows."""
    try:
        # a copy: functions may prepare inputs in place, and the truth is asked at the same points
        return rule(X.copy())
    except (TypeError, ValueError, IndexError, RuntimeError) as error:
        if hasattr(rule, "state_dict"):
            raise TypeError(
                f"`rule` must be a function of arrays, got the module {type(rule).__name__}, which"
                " takes tensors; pass TwoLayerNet.from_torch(rule), or lambda X:"
                " rule(torch.as_tensor(X, dtype=torch.float32)).detach().squeeze(-1)"
            ) from error
        if not _takes_a_point(rule, X):
            error.add_note(
                f"`rule` was asked at points in rows, of shape {X.shape}; pass the `dimension` of"
                " its inputs if that is another"
            )
            raise
        raise TypeError(
            f"`rule` must be a function of points in rows, got {type(error).__name__} of shape"
            f" {X.shape}: {error}; {_ROWS}"
        ) from error


def dimension_error(taken: int, d: int) -> ValueError:
    """Return what is wrong with a dimension other than that of a rule's inputs."""
    return ValueError(
        f"`dimension` must be that of the inputs of `rule`, {taken}, got {d}; pass {taken}"
    )


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


def refuse_coded(values: Vector) -> None:
    """Refuse classes 0 and 1, of which 0 would be an error wherever the truth is -1, too."""
    if np.array_equal(np.unique(values), [0.0, 1.0]):
        raise ValueError(
            "`rule` must decide by its sign, got 0 and 1 alone, and 0 decides nothing; pass"
            " lambda X: 2.0 * rule(X) - 1.0 for classes, or 2.0 * rule(X) if 0 is no decision"
        )
