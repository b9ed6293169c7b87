"""How clean errors of a sweep grow with the noise level, and fall with the dimension: fits, with
intervals over seeds.

Along p a power, L_cl = a p^b: b = 1 is tempered overfitting, larger powers are more benign. Along
d/m a line in normal scores, Φ⁻¹(1 − L_cl) = a + b √(d/m): the orthogonal limit has a = 0 and b = (1
− 2p)/(2 √(p (1 − p))), for d ≥ m.

A seed is one sample for all p, and its errors belong together: so every seed has a line of its own,
by least squares, and the fit is their mean, with Student's interval. It speaks of the typical
error. Where seeds differ by factors the mean of their errors is mostly the largest one, whose
distribution a few seeds do not tell.
"""

from collections.abc import Mapping, Sequence
from math import log, sqrt
from typing import Any, Final, Literal, get_args

import numpy as np

from highdim.optimum.orthogonal_limit import limit_slope
from highdim.sweeps.rows import SETTINGS, checked, grouped, has_limit, ratio, settings
from highdim.sweeps.store import Record
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.result import Result, result

Along = Literal["p", "d/m"]

LN10: Final = log(10.0)


@result
class ErrorFit(Result):
    """A fit to the clean errors of one kind of runs.

    Attributes
    ----------
    along : str
        "p": L_cl = exp(intercept) p^slope. "d/m": Φ⁻¹(1 − L_cl) = intercept + slope √(d/m).
    kind : dict
        What the runs have in common.
    intercept, slope : float
        Means over seeds.
    intercept_low, intercept_high, slope_low, slope_high : float or None
        Student's intervals of `level`; None for one seed.
    level : float
    seeds, places : int
        Of how many seeds lines were found, and to how many values of p or d/m.
    left_out : int
        Errors that are 0 or 1, of which there is no logarithm or score. Where there are many the
        fit is to the seeds that err, and says so here.
    not_interpolating : int
        Runs among those fitted that do not interpolate: the paper is about those that do.
    predicted_slope : float or None
        Along d/m, that of the orthogonal limit; None for nets without biases, and off the sphere.
    """

    along: str
    kind: Mapping[str, Any]
    intercept: float
    slope: float
    intercept_low: float | None
    intercept_high: float | None
    slope_low: float | None
    slope_high: float | None
    level: float
    seeds: int
    places: int
    left_out: int
    not_interpolating: int
    predicted_slope: float | None

    def __call__(self, x: Any) -> Vector:
        """Return the fitted L_cl at values of p, or of d/m."""
        from scipy.special import ndtr

        places = np.asarray(x, dtype=np.float64)
        if self.along == "p":
            return np.asarray(np.exp(self.intercept) * places**self.slope)
        return np.asarray(ndtr(-self.intercept - self.slope * np.sqrt(places)))


def fit_errors(
    rows: Sequence[Record],
    *,
    along: Along = "p",
    least: float = 0.0,
    level: float = 0.95,
) -> tuple[ErrorFit, ...]:
    """Fit the clean errors of a sweep along p or d/m, a fit for every kind of runs.

    Parameters
    ----------
    rows : sequence of dict
        Of `sweep`. Kinds differ in m, d (along p), p (along d/m) or the settings of the runs. A
        run that is there twice, polished too, counts once.
    along : {"p", "d/m"}
    least : float
        Smaller values of p, or of d/m, are left alone; 1 keeps the dimensions d ≥ m.
    level : float
        Of the intervals, in (0, 1).

    Returns
    -------
    tuple of ErrorFit
        Of the kinds that have a seed with at least two values to fit to, in their order.

    Raises
    ------
    TypeError, ValueError
        No rows, rows without a column that is needed, or numbers out of range.

    Rounded. Intervals are over the seeds of the sweep, exact if lines of seeds are normal, and do
    not know whether the form is right. Cost O(rows).
    """
    rows = checked(rows, "p", "d", "m", "seed", "clean_error")
    check.choice("along", along, get_args(Along))
    least = check.real("least", least)
    level = check.probability("level", level, open_interval=True)
    names = (*SETTINGS, "d" if along == "p" else "p")
    kinds = grouped((row for row in rows if _place(row, along) >= least), settings(names))
    found = [
        _fitted(mine, along, dict(zip(names, kind, strict=True)), level)
        for kind, mine in kinds.items()
    ]
    return tuple(one for one in found if one is not None)


def _place(row: Record, along: str) -> float:
    return float(row["p"]) if along == "p" else ratio(row)


def _fitted(
    rows: Sequence[Record], along: str, kind: Mapping[str, Any], level: float
) -> ErrorFit | None:
    """Return the mean of the lines of all seeds; None where no seed has one."""
    usable = [row for row in rows if _place(row, along) > 0.0 and _log_error(row) is not None]
    seeds = sorted({row["seed"] for row in usable})
    lines = [_line([row for row in usable if row["seed"] == seed], along) for seed in seeds]
    known = [line for line in lines if line is not None]
    if not known:
        return None
    (intercept, slope), (low, high) = _mean(np.array(known), level)
    p = kind.get("p")
    predicted = limit_slope(p) if p is not None and 0.0 < p < 1.0 and has_limit(kind) else None
    return ErrorFit(
        along=along,
        kind=kind,
        intercept=intercept,
        slope=slope,
        intercept_low=low[0],
        intercept_high=high[0],
        slope_low=low[1],
        slope_high=high[1],
        level=level,
        seeds=len(known),
        places=len({_place(row, along) for row in usable}),
        left_out=len(rows) - len(usable),
        not_interpolating=sum(not row["interpolates"] for row in usable),
        predicted_slope=predicted,
    )


def _log_error(row: Record) -> float | None:
    """Return log L_cl, as good far below the least double; None for errors of 0 and 1."""
    if not row["clean_error"] < 1.0:
        return None
    known = row.get("log10_clean_error")
    if known is not None:
        return LN10 * check.real("rows[...]['log10_clean_error']", known)
    return log(row["clean_error"]) if row["clean_error"] > 0.0 else None


def _line(rows: Sequence[Record], along: str) -> tuple[float, float] | None:
    """Return intercept and slope of the least-squares line of one seed; None where its values are
    fewer than two.
    """
    from scipy.special import ndtri_exp

    places = np.array([_place(row, along) for row in rows])
    errors = np.array([_log_error(row) for row in rows], dtype=np.float64)
    x = np.log(places) if along == "p" else np.sqrt(places)
    y = errors if along == "p" else -ndtri_exp(errors)
    spread = x - x.mean()
    square = float(spread @ spread)
    if square == 0.0:
        return None
    slope = float(spread @ y) / square
    return float(y.mean()) - slope * float(x.mean()), slope


def _mean(lines: Matrix, level: float) -> tuple[list[float], tuple[list[Any], list[Any]]]:
    """Return the mean of rows, and the ends of Student's intervals; None for one row."""
    from scipy.special import stdtrit

    centre = lines.mean(axis=0)
    seeds = len(lines)
    if seeds == 1:
        return centre.tolist(), ([None, None], [None, None])
    quantile = float(stdtrit(seeds - 1, 0.5 + 0.5 * level))
    half = quantile * lines.std(axis=0, ddof=1) / sqrt(seeds)
    return centre.tolist(), ((centre - half).tolist(), (centre + half).tolist())
