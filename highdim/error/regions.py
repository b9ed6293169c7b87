"""Where the errors of a net lie: regions of the sphere, their masses, and the data next to them.

Errors belong to one region if descent of N leads from them to the same direction; those from which
it leads nowhere, as N is constant there, form a region of their own. The owner of an error is the
nearest observation: the flipped ones own nearly all errors of a net that is the nearest neighbour.

For d = 2 regions are arcs, and masses are exact up to rounding where the data lie on the circle.
Otherwise points in error come from multilevel splitting, which is plain sampling for errors that
are not rare: every repetition gives a mean of points, repetitions give the intervals. New.
"""

from dataclasses import replace
from math import exp, log, pi
from typing import Final, NamedTuple

import numpy as np

from highdim.error.directions import descended
from highdim.error.form import Form
from highdim.error.intervals import from_shares
from highdim.error.splitting import LEVELS, Splitting
from highdim.problem.sample import SphereSample
from univariate.common.arrays import Indices, Matrix, Vector
from univariate.common.result import Result, result

REPETITIONS: Final = 32
ALIKE: Final = 0.99  # cosine from which on two depths are one region
MOST: Final = 32  # regions that are told apart, the others are "elsewhere"
ON_CIRCLE: Final = 2.0**-49


@result
class ErrorRegions(Result):
    """Where errors lie, and next to which observations.

    Masses are probabilities of x uniform on the sphere, so they add up to the clean error; where
    they are sampled, up to the spread of both.

    Attributes
    ----------
    directions : ndarray, shape (k, d)
        Unit vectors, the largest mass first: the middle of an arc for d = 2; otherwise where
        descent ends, or the mean of the errors of a region on which N is constant.
    masses, masses_low, masses_high : ndarray, shape (k,)
        Of the regions, with intervals of the estimate's level; enclosures for arcs.
    elsewhere : float
        Mass in regions beyond the 32 largest.
    owners, owners_low, owners_high : ndarray, shape (m,), or None
        Mass of the errors whose nearest observation is i; None without a sample.
    negative_share : float or None
        Part of the error whose nearest observation has label −1; None without a sample or errors.
    samples : int
        Points in error that were looked at; 0 for arcs.
    """

    directions: Matrix
    masses: Vector
    masses_low: Vector
    masses_high: Vector
    elsewhere: float
    owners: Vector | None
    owners_low: Vector | None
    owners_high: Vector | None
    negative_share: float | None
    samples: int


class _Masses(NamedTuple):
    value: Vector
    low: Vector
    high: Vector


def on_circle(arcs: Matrix, width: float, sample: SphereSample | None) -> ErrorRegions | None:
    """Return regions and owners for d = 2, given the arcs in error and the width of the enclosure
    of the error, which holds what every one of them may be off by; None where the data do not lie
    on the circle.
    """
    if sample is not None and np.any(np.abs(np.linalg.norm(sample.X, axis=1) - 1.0) > ON_CIRCLE):
        return None
    arcs = _joined(arcs)
    length = arcs[:, 1] - arcs[:, 0]
    order = np.argsort(-length, kind="stable")
    arcs, length = arcs[order], length[order]
    middle = arcs.mean(axis=1)
    masses = length / (2.0 * pi)
    rounding = width + 2.0**-49 / pi
    ends = _Masses(masses, np.maximum(masses - rounding, 0.0), np.minimum(masses + rounding, 1.0))
    owned = None if sample is None else _owned_arcs(arcs, sample.X)
    return _regions(
        np.column_stack([np.cos(middle), np.sin(middle)]),
        ends,
        None
        if owned is None
        else _Masses(owned, np.maximum(owned - rounding, 0.0), owned + rounding),
        sample,
        0,
    )


def sampled(
    form: Form, sample: SphereSample | None, rng: np.random.Generator, level: float
) -> ErrorRegions | None:
    """Return regions and owners from points in error; None where splitting finds none."""
    n = form.width
    extended = _with_data(form, sample)
    splitting = Splitting(extended)
    found = [splitting.descended(rng, LEVELS) for _ in range(REPETITIONS)]
    clouds = [one for one in found if one is not None]
    if len(clouds) < len(found):
        return None
    # log L_cl of every repetition, by pre-activations of its points in error
    wrong = [cloud.take(np.flatnonzero(cloud.score == -np.inf)) for _, cloud in clouds]
    logs = [
        passed + log(len(each.score) / splitting.particles)
        for (passed, _), each in zip(clouds, wrong, strict=True)
    ]
    Z = [splitting.pre_activations(each.vectors, each.spare) for each in wrong]
    region, directions = _grouped(form, extended, np.concatenate(Z), n)
    pieces = np.split(region, np.cumsum([len(each) for each in Z])[:-1])
    masses = _measured(logs, pieces, len(directions), level)
    owners = None
    if sample is not None:
        half = 0.5 * np.sum(sample.X**2, axis=1)
        nearest = [np.argmax(each[:, n:] - half, axis=1) for each in Z]
        owners = _measured(logs, nearest, sample.size, level)
    order = np.argsort(-masses.value, kind="stable")
    return _regions(
        directions[order],
        _Masses(*(part[order] for part in masses)),
        owners,
        sample,
        sum(len(each) for each in Z),
    )


def _regions(
    directions: Matrix,
    masses: _Masses,
    owners: _Masses | None,
    sample: SphereSample | None,
    samples: int,
) -> ErrorRegions:
    share = None
    if owners is not None and sample is not None and owners.value.sum() > 0.0:
        share = float(owners.value[sample.y < 0.0].sum() / owners.value.sum())
    return ErrorRegions(
        directions=directions[:MOST],
        masses=masses.value[:MOST],
        masses_low=masses.low[:MOST],
        masses_high=masses.high[:MOST],
        elsewhere=float(masses.value[MOST:].sum()),
        owners=None if owners is None else owners.value,
        owners_low=None if owners is None else owners.low,
        owners_high=None if owners is None else owners.high,
        negative_share=share,
        samples=samples,
    )


def _with_data(form: Form, sample: SphereSample | None) -> Form:
    """Return the net with a neuron of weight zero for every observation, x_i·x, and reduced."""
    if sample is None:
        return form.reduced(REPETITIONS * LEVELS)
    extra = np.zeros(sample.size)
    upper = form.upper
    if upper is not None:
        columns = np.vstack([upper.columns, np.zeros((sample.size, upper.columns.shape[1]))])
        upper = upper._replace(columns=columns)
    extended = replace(
        form,
        M=np.vstack([form.M, sample.X]),
        b=np.append(form.b, extra),
        v=np.append(form.v, extra) if upper is None else form.v,
        upper=upper,
        band=np.append(form.band, extra),
    )
    return extended.reduced(REPETITIONS * LEVELS * 512)


def _grouped(form: Form, extended: Form, Z: Matrix, n: int) -> tuple[Indices, Matrix]:
    """Return the region of every point, and the directions of the regions, (k, d)."""
    lowest, toward = descended(form, -form.gradients(Z[:, :n]))
    vectors = toward @ form.M
    region = np.full(len(Z), -1)
    leaders = list[int]()
    stuck = ~np.isfinite(lowest)
    for i in np.argsort(lowest, kind="stable"):
        if stuck[i] or region[i] >= 0:
            continue
        alike = (region < 0) & ~stuck & (vectors @ vectors[i] >= ALIKE)
        region[alike] = len(leaders)
        leaders.append(int(i))
    directions = vectors[leaders]
    if stuck.any():
        region[stuck] = len(leaders)
        directions = np.vstack([directions, _mean_direction(form, Z[stuck, :n])])
    return region, directions


def _mean_direction(form: Form, Z: Matrix) -> Vector:
    """Return the mean of points, as far as the net sees it, at length one."""
    mean = np.linalg.lstsq(form.M, Z.mean(axis=0) - form.b, rcond=None)[0]
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length) if length > 0.0 else np.eye(form.d)[0]


def _measured(logs: list[float], groups: list[Indices], count: int, level: float) -> _Masses:
    """Return the mass of every group, with its interval over the repetitions."""
    shares = np.array([np.bincount(each, minlength=count) / len(each) for each in groups])
    with np.errstate(divide="ignore"):
        totals = np.array(logs)[:, None] + np.log(shares)
    bounds = [from_shares(column, column, level, unseen=False) for column in totals.T]
    return _Masses(
        *(
            np.array([exp(getattr(one, name)) for one in bounds])
            for name in ("log_value", "log_low", "log_high")
        )
    )


def _joined(arcs: Matrix) -> Matrix:
    """Return arcs with those joined that meet, also at ±π; ends may exceed π then."""
    arcs = arcs[np.argsort(arcs[:, 0], kind="stable")]
    found = list[list[float]]()
    for start, end in arcs.tolist():
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        elif end > start:
            found.append([start, end])
    if len(found) > 1 and found[0][0] <= -pi and found[-1][1] >= pi:
        first = found.pop(0)
        found[-1][1] = first[1] + 2.0 * pi
    return np.array(found).reshape(-1, 2)


def _owned_arcs(arcs: Matrix, X: Matrix) -> Vector:
    """Return how much of the arcs is nearest to every datum, over 2π; of equal data the first."""
    ends, order = np.unique(np.arctan2(X[:, 1], X[:, 0]), return_index=True)
    border = 0.5 * (ends + np.roll(ends, -1))
    border[-1] += pi
    owned = np.zeros(len(X))
    # cells of three turns, so that no arc leaves them
    turns = 2.0 * pi * np.arange(-2, 3)
    borders = (turns[:, None] + border).ravel()
    owner = np.tile(np.roll(order, -1), len(turns))
    for start, end in arcs.tolist():
        cuts = np.concatenate([[start], borders[(borders > start) & (borders < end)], [end]])
        first = int(np.searchsorted(borders, start, side="right")) - 1
        np.add.at(owned, owner[first : first + len(cuts) - 1], np.diff(cuts))
    return owned / (2.0 * pi)
