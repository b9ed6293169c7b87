"""Where training ends on the sphere: what the tables of Theorems 4.1, 4.3 and of the role of the
bias share.

A run draws a sample with a given number of labels −1, follows the gradient flow of the logistic
loss until every margin is 100, and polishes the end to a KKT point of Problem (1), certified. A
start that does not interpolate by τ = 10⁴ is replaced by another one; rows say how many were tried.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.stats import t as student

import highdim
from benchmarks import frame
from benchmarks.columns import part, total_seconds
from highdim import SphereSample, Trajectory, TwoLayerNet
from highdim.problem.statement import StatementReport
from highdim.standing.kkt import KktCertificate, kkt_certificate
from highdim.standing.kkt_point import LARGEST, KktPoint, kkt_point
from highdim.sweeps.presets import protocol_time
from univariate.common.result import Verdict

ON_THE_SPHERE = "‖x_i‖ = 1"
AT_MOST_HALF = "p ≤ ½"
MARGIN = 100.0  # of every datum, at which training ends
STEPS = 3000  # of a start, at most
PATIENCE = 1e4  # flow time τ at which a start has to interpolate, or is replaced
ABOVE_ROUNDING = 1e-6  # a margin that counts as positive
STARTS = 10  # at most
PRECISION = 0.03  # relative half width of the intervals of clean errors
SAMPLES = 50_000  # at most, of lines, circles or points


@dataclass(frozen=True, kw_only=True)
class Ended(frame.Row):
    """Columns of a training run and of its end; None where it does not interpolate or was not
    polished.
    """

    DIGITS: ClassVar = dict.fromkeys(("seconds", "accuracy", "distance", "flow_time"), 4)
    OTHERS: ClassVar = 10

    status: str
    flow_time: float  # τ of the sum loss
    steps: int
    starts: int  # tried, this one included
    interpolates: bool
    wrong: int  # observations with y N(x) ≤ 0
    log10_of_flow: float  # clean error where the flow ends
    polished: bool
    # verdict of the certificate of the point below: the KKT point, or else the end of the flow
    kkt: str | None
    accuracy: float | None
    norm_squared: float | None  # at worst margin 1
    neurons: int | None  # of the KKT point
    cells_crossed: int | None
    distance: float | None
    log10_clean_error: float
    log10_low: float
    log10_high: float
    seconds: float = 0.0
    version: str = ""

    @property
    def clean_error(self) -> float:
        """L_cl of the KKT point, or else of the end of the flow; 0 below the least double."""
        return float(10.0**self.log10_clean_error)


class End(NamedTuple):
    """The end of a run; `net` is the KKT point, or else where the flow ended."""

    net: TwoLayerNet
    run: Trajectory
    starts: int
    interpolates: bool
    point: KktPoint | None
    certificate: KktCertificate | None
    early: TwoLayerNet | None  # at the flow time of the paper's protocol


def draw_sample(
    m: int, d: int, minus: int, seed: list[int], *, orthonormal: bool = False
) -> SphereSample:
    """Return inputs uniform on the sphere, or the first vectors of a basis, the first `minus` of
    them labelled −1.

    Inputs do not depend on the labels: that these are given in number makes a sample comparable
    with the prediction.
    """
    y = np.repeat([-1.0, 1.0], [minus, m - minus])
    X = (
        np.eye(m, d)
        if orthonormal
        else highdim.draw_sphere_sample(m, d, 0.5, rng=np.random.default_rng(seed)).X
    )
    return SphereSample.from_arrays(X, y, p=minus / m)


def train(
    sample: SphereSample,
    width: int,
    seed: list[int],
    *,
    bias: bool = True,
    train_output: bool = True,
) -> End:
    """Train, with new starts until one interpolates, and polish the end if it is small enough."""
    times = (protocol_time(sample.size), PATIENCE)
    follow = partial(
        highdim.gradient_flow, margin=MARGIN, steps=STEPS, record=times, train_output=train_output
    )
    for attempt in range(STARTS):
        start = highdim.init_network(
            width,
            sample.dimension,
            bias=bias,
            train_output=train_output,
            rng=np.random.default_rng([*seed, attempt]),
        )
        run = follow(start, sample, flow_time=PATIENCE)
        if run.margins[-1] > ABOVE_ROUNDING:
            break
    if not run.margins[-1] > ABOVE_ROUNDING:
        return End(shallow(run.net), run, attempt + 1, False, None, None, None)
    if run.margins[-1] < MARGIN:
        run = follow(run.net, sample, resume=run)
    net = shallow(run.net)
    point = near(net, sample, train_output=train_output)
    certificate = (
        kkt_certificate(net, sample, train_output=train_output)
        if point is None
        else point.certificate
    )
    return End(
        net if point is None else point.net,
        run,
        attempt + 1,
        True,
        point,
        certificate,
        shallow(run.snapshots[0]),
    )


def columns(end: End, sample: SphereSample, seed: list[int]) -> dict[str, Any]:
    """Return the columns of `Ended`, without `seconds` and `version`."""
    error = measured(end.net, seed)
    point = end.point
    certificate = end.certificate
    flow = error if point is None else measured(shallow(end.run.net), seed)
    return {
        "status": end.run.status,
        "flow_time": end.run.flow_time,
        "steps": end.run.steps,
        "starts": end.starts,
        "interpolates": end.interpolates,
        "wrong": int(np.sum(sample.y * end.run.net(sample.X) <= 0.0)),
        "log10_of_flow": flow.log10_value,
        "polished": point is not None,
        "kkt": part(certificate, "verdict.value"),
        "accuracy": part(certificate, "accuracy"),
        "norm_squared": part(certificate, "norm_squared"),
        "neurons": part(point, "neurons"),
        "cells_crossed": part(point, "cells_crossed"),
        "distance": part(point, "distance"),
        "log10_clean_error": error.log10_value,
        "log10_low": error.log10_low,
        "log10_high": error.log10_high,
    }


def measured(net: TwoLayerNet, seed: list[int]) -> highdim.Estimate:
    """Return the clean error."""
    return highdim.clean_error(
        net, rng=np.random.default_rng(seed), precision=PRECISION, samples=SAMPLES
    )


SETTINGS = {
    "margin": MARGIN,
    "steps": STEPS,
    "starts": STARTS,
    "patience": PATIENCE,
    "precision": PRECISION,
    "samples": SAMPLES,
}
"""What rows depend on besides their keys."""


class Line(NamedTuple):
    """A straight line fitted by least squares: its slope with a 95 % interval from the
    residuals.
    """

    slope: float
    low: float
    high: float
    points: int


def fitted_line(x: Sequence[float], y: Sequence[float]) -> Line | None:
    """Fit y = intercept + slope · x; None for fewer than three points or one x."""
    u = np.asarray(x, dtype=np.float64)
    v = np.asarray(y, dtype=np.float64)
    if len(u) < 3 or len(set(u.tolist())) < 2:
        return None
    design = np.stack([u, np.ones_like(u)], axis=1)
    found = np.linalg.lstsq(design, v)[0]
    residuals = v - design @ found
    variance = float(residuals @ residuals) / (len(u) - 2) / float(np.sum((u - u.mean()) ** 2))
    reach = float(student.ppf(0.975, len(u) - 2)) * variance**0.5
    return Line(float(found[0]), float(found[0]) - reach, float(found[0]) + reach, len(u))


def spread(values: Iterable[float | None]) -> dict[str, float] | None:
    """Return least, median and largest of the finite values; None without any."""
    known = sorted(value for value in values if value is not None and isfinite(value))
    if not known:
        return None
    return {"least": known[0], "median": float(np.median(known)), "largest": known[-1]}


def shares(rows: Sequence[Ended]) -> dict[str, Any]:
    """Return how many runs interpolate, were polished, and are certified KKT points."""
    return {
        "runs": len(rows),
        "interpolating": sum(row.interpolates for row in rows),
        "first_start": sum(row.interpolates and row.starts == 1 for row in rows),
        "polished": sum(row.polished for row in rows),
        "certified": sum(row.kkt == "HOLDS" for row in rows),
        "largest_accuracy": max(
            (row.accuracy for row in rows if row.kkt == "HOLDS" and row.accuracy), default=None
        ),
        "core_seconds": total_seconds(rows),
    }


def verdicts(report: StatementReport) -> dict[str, Any]:
    """Return how many hypotheses hold, which fail, and what follows.

    Not counted is what samples are drawn to satisfy: ‖x_i‖ = 1 and p ≤ ½.
    """
    drawn = ON_THE_SPHERE, AT_MOST_HALF
    found = Counter(one.verdict for one in report.hypotheses if one.name not in drawn)
    return {
        "hypotheses_hold": found[Verdict.HOLDS],
        "hypotheses_fail": found[Verdict.FAILS],
        "hypotheses_undecided": found[Verdict.UNDECIDED],
        "failing": "; ".join(
            dict.fromkeys(one.source for one in report.hypotheses if one.verdict is Verdict.FAILS)
        ),
        "conclusion": report.conclusion.verdict.value,
        "verdict": report.verdict.value,
    }


def count_verdicts(rows: Sequence[Any]) -> dict[str, Any]:
    """Return how often each verdict, conclusion and failing hypothesis occurs."""
    failing = (name for row in rows for name in row.failing.split("; ") if name)
    return {
        "verdicts": dict(Counter(row.verdict for row in rows)),
        "conclusions": dict(Counter(row.conclusion for row in rows)),
        "failing": dict(Counter(failing)),
    }


def near(net: TwoLayerNet, sample: SphereSample, *, train_output: bool = True) -> KktPoint | None:
    """Return the KKT point near a net, None where the convex problem is too large or was not
    solved.
    """
    if net.width * sample.size > LARGEST:
        return None
    try:
        return kkt_point(net, sample, train_output=train_output)
    except ArithmeticError:
        return None


def shallow(net: highdim.Network) -> TwoLayerNet:
    """Return a net that has two layers."""
    assert isinstance(net, TwoLayerNet)
    return net
