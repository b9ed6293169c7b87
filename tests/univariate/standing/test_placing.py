"""Kinks near several observations: multipliers are found wherever some places of the kinks have
them, and nowhere else.
"""

from collections import Counter
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np
import pools
import pytest
from oracles import exact, pins

from univariate import ReluNet, Sample, Verdict, kkt_certificate, max_margin, recheck
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.problem.fitted import ShallowFitted
from univariate.standing.kkt_search import Blocks
from univariate.standing.placing import Places

Vector = pins.Vector
Net = pins.Net
EXPLAINED = 0.1  # tolerances: the search may lose as much to the oracle's optimum
MANY = 200  # places that the oracle tries


class Crowd(NamedTuple):
    """A net near a KKT point, with clusters of data at its kinks."""

    net: Net
    x: Vector
    y: Vector
    tolerance: float

    @property
    def asked(self) -> tuple[ReluNet, Sample]:
        return ReluNet(*self.net), Sample(self.x, self.y)


def turned(net: Net, angles: Vector) -> Net:
    """Every (w, b) turned by a small angle: kinks move, sizes stay."""
    v, w, b = net
    return v, w - angles * b, b + angles * w


def crowded(net: Net, x: Vector, y: Vector, tolerance: float, rng: np.random.Generator) -> Crowd:
    """Give every datum on a kink up to three neighbours within the tolerance whose margins are no
    smaller than the smallest one.
    """
    v, w, b = net
    least = float(min(pins.margins(net, x, y)))
    points = dict(zip(x.tolist(), y.tolist(), strict=True))
    for t in x.tolist():
        if not np.any(np.abs(w * t + b) <= 2.0 * tolerance * np.hypot(w, b) * np.hypot(1.0, t)):
            continue
        for _ in range(int(rng.integers(1, 4))):
            side = rng.choice([-1.0, 1.0])
            beside = t + side * (1.0 + t * t) * tolerance * 10.0 ** rng.uniform(-9, 0)
            beside = float(beside if rng.random() < 0.8 else np.nextafter(t, side * np.inf))
            value = float(v @ np.maximum(0.0, w * beside + b))
            if abs(value) >= least * (1.0 - 1e-12):
                points.setdefault(beside, float(np.sign(value)))
    order = sorted(points)
    return Crowd(net, np.array(order), np.array([points[t] for t in order]), tolerance)


@cache
def crowds() -> tuple[tuple[Crowd, float], ...]:
    """Nets with clusters of data, and the least residual over all places of their kinks."""
    rng = np.random.default_rng(5)
    found = []
    for instance in 3 * pools.kkt_pool(5, 12, pinned=0.9):
        tolerance = float(rng.choice([1e-9, 1e-8, 1e-7, 1e-6]))
        size = len(instance.net[0])
        angles = tolerance * 10.0 ** rng.uniform(-5.0, -0.3, size) * rng.standard_normal(size)
        net = turned(instance.net, angles * (rng.random(size) < 0.6))
        crowd = crowded(net, instance.x, instance.y, tolerance, rng)
        if crowd.x.size == instance.x.size or min(pins.margins(net, crowd.x, crowd.y)) <= 0:
            continue
        if np.prod([len(data) for data in pins.near(net, crowd.x, tolerance).values()]) <= MANY:
            found.append((crowd, pins.least_residual(net, crowd.x, crowd.y, tolerance)[0]))
    return tuple(found)


def exactly(high: Vector, low: Vector) -> list[Fraction]:
    return [Fraction(a) + Fraction(b) for a, b in zip(high.tolist(), low.tolist(), strict=True)]


def replayed(crowd: Crowd) -> None:
    """Assert that multipliers that hold leave what they say, in rational arithmetic."""
    found = kkt_certificate(*crowd.asked, tolerance=crowd.tolerance)
    multipliers = exactly(found.multipliers, found.remainders)
    kinks = found.clarke
    weights = exactly(kinks.weight, kinks.remainder)
    pinned = [*zip(kinks.neuron.tolist(), kinks.observation.tolist(), weights, strict=True)]
    assert min(multipliers) >= 0
    assert all(0 <= weight <= multipliers[i] for _, i, weight in pinned)
    residuals, farthest = exact.kkt_residuals_squared(
        *crowd.net, crowd.x, crowd.y, multipliers, pinned
    )
    assert max(sum(residuals), farthest) <= Fraction(crowd.tolerance) ** 2


def test_multipliers_are_found_wherever_there_are_some():
    kinds = Counter()
    for crowd, least in crowds():
        found = kkt_certificate(*crowd.asked, tolerance=crowd.tolerance)
        exist = least <= EXPLAINED * crowd.tolerance
        kinds[exist] += 1
        assert not exist or found.verdict is Verdict.HOLDS
        if found.verdict is Verdict.HOLDS:
            replayed(crowd)
        assert recheck(found, *crowd.asked).verdict is not Verdict.FAILS
    assert kinds[True] >= 20


def test_the_nearest_observations_are_not_always_enough(monkeypatch):
    """Without other places multipliers are missed: some of the nets ask for them."""
    monkeypatch.setattr(Places, "elsewhere", lambda self: iter(()))
    missed = [
        crowd
        for crowd, least in crowds()
        if least <= EXPLAINED * crowd.tolerance
        and kkt_certificate(*crowd.asked, tolerance=crowd.tolerance).verdict is not Verdict.HOLDS
    ]
    assert len(missed) >= 3


def test_places_are_near_and_tried_once():
    for crowd, _ in crowds():
        fit = ShallowFitted(*crowd.asked)
        near = pins.near(crowd.net, crowd.x, crowd.tolerance)
        located = fit.cells(crowd.tolerance)
        places = Places(fit, fit.active(crowd.tolerance), located, crowd.tolerance)
        tried = {tuple(located.datum.tolist())}
        for count, blocks in enumerate(places.elsewhere(), 1):
            assert count <= 64
            data = tuple(blocks.located.datum.tolist())
            assert data not in tried
            tried.add(data)
            for j, i in zip(blocks.located.neuron.tolist(), data, strict=True):
                assert i in near[j] if i >= 0 else j not in near


@pytest.mark.parametrize("copies", [2, 4, 32])
@pytest.mark.parametrize("seed", range(3))
def test_many_kinks_each_on_a_twin_of_its_own(copies, seed):
    """Of the optimum both kinks are on the datum 1/2. Copies of its neurons have theirs on any of a
    hundred twins: too many choices to try, but all may be on one.
    """
    rng = np.random.default_rng(seed)
    twins = 0.5 + 1e-11 * np.arange(-50, 50)
    x = np.sort([0.375, 0.625, *twins])
    y = np.where(np.abs(x - 0.5) < 0.1, 1.0, -1.0)
    best = max_margin(Sample([0.375, 0.5, 0.625], [-1.0, 1.0, -1.0])).net
    v, w, b = (np.repeat(part, copies) / np.sqrt(copies) for part in (best.v, best.w, best.b))
    bent = np.isclose(b, -0.5 * w)
    b = np.where(bent, -w * rng.choice(twins, len(w)), b)
    crowd = Crowd((v, w, b), x, y, 1e-7)
    found = kkt_certificate(*crowd.asked, tolerance=crowd.tolerance)
    assert found.verdict is Verdict.HOLDS
    assert recheck(found, *crowd.asked).verdict is Verdict.HOLDS
    replayed(crowd)


def test_two_kinks_on_twins_in_the_wrong_order():
    """Of the optimum both kinks are on the datum 1/2. With a twin an ulp beside it and the kink of
    the left-oriented neuron on that, the path has to go back, which nearly parallel steps hide.
    """
    labels = np.array([-1.0, 1.0, -1.0])
    best = max_margin(Sample([0.375, 0.5, 0.625], labels)).net
    bent = np.flatnonzero(np.isclose(best.b, -0.5 * best.w))
    assert sorted(np.sign(best.w[bent])) == [-1.0, 1.0]
    for side in (0.0, 1.0):
        twin = float(np.nextafter(0.5, side))
        x = np.sort([0.375, 0.5, twin, 0.625])
        sample = Sample(x, labels[[0, 1, 1, 2]])
        wrong = 0
        for j in bent:
            b = best.b.copy()
            b[j] = -best.w[j] * twin
            net = ReluNet(best.v, best.w, b)
            fit = ShallowFitted(net, sample)
            nearest = Blocks(fit, fit.active(KKT_TOLERANCE), fit.cells(KKT_TOLERANCE))
            wrong += nearest.excess > 0.1
            assert kkt_certificate(net, sample).verdict is Verdict.HOLDS
        assert wrong == 1
