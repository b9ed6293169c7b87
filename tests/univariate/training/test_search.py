"""Searching KKT points: every hit certified, seeded, the same on any number of processes, among
them surprises.
"""

import numpy as np
import pytest
from oracles import exact, minima

import univariate as u
from univariate.common.ladder import LEVELS
from univariate.optimum.region import Region
from univariate.optimum.regional import grow


@pytest.fixture(scope="module")
def sample():
    return u.draw_sample(8, 0.4, rng=1)


@pytest.fixture(scope="module")
def found(sample):
    return u.search_kkt_points(sample, count=40, rng=0, draws=60)


def test_every_point_is_a_kkt_point(sample, found):
    assert len(found) >= 10
    optimum = u.max_margin(sample).norm_squared
    for point in found:
        standing = point.standing
        assert LEVELS.index(standing.level) >= LEVELS.index("kkt")
        assert u.recheck(standing.kkt, point.net, sample).verdict is u.Verdict.HOLDS
        distance = minima.kkt_distance(
            *_parts(point.net), sample.x, sample.y, active_tolerance=1e-8, kink_tolerance=1e-8
        )
        assert distance[0] <= 1e-7  # of the oracle, which knows nothing of the multipliers found
        assert min(exact.margins(*_parts(point.net), sample.x, sample.y)) >= 1 - 1e-12
        assert float(exact.clean_error(*_parts(point.net))) == pytest.approx(
            point.clean_error.value, abs=1e-12
        )
        assert point.norm_ratio == pytest.approx(point.net.norm_squared / optimum, rel=1e-9)
        assert point.norm_ratio >= 1.0 - 1e-9


def test_local_minima_that_are_not_global_and_one_against_a4(found):
    """Proposition A.4 fails at certified local minima with eight observations."""
    local = [point for point in found if point.standing.level == "local minimum"]
    assert len(local) >= 5
    assert min(point.norm_ratio for point in local) > 1.0 + 1e-6
    against = [
        point for point in local if point.structure.proposition_a4.verdict is u.Verdict.FAILS
    ]
    assert against
    assert all(point.structure.proposition_a4.violations[0].statement for point in against)


def test_kkt_points_that_are_no_local_minima(sample, found):
    """They have a kink on an observation of its own sign, and a net beside them that is better, in
    fractions.
    """
    saddles = [point for point in found if point.standing.level == "kkt"]
    assert saddles
    for point in saddles:
        net, better = point.net, point.standing.local_minimum.witness
        on = [
            float(np.sign(net.v[j])) == sample.y[i]
            for j, kink in enumerate(net.kinks.tolist())
            for i in np.flatnonzero(np.abs(sample.x - kink) <= 1e-12).tolist()
        ]
        assert any(on)
        assert point.draw % 2
        sizes = [
            exact.norm_squared(*_parts(one)) / _worst_margin(one, sample) for one in (better, net)
        ]
        assert sizes[0] < sizes[1]


def test_a_kink_held_stays_or_leaves():
    """By hand: on (−1, +), (2, +) a kink held on −1 stays beside one that looks left; two on 0 and
    1 leave.
    """
    x, y = np.array([-1.0, 2.0]), np.array([1.0, 1.0])
    stays = grow(x, y, Region.of(x, {(-1, 1.0, 0)}, frozenset({(1, 1.0, 0)})))
    assert len(stays.region.affine) == 0
    used = stays.vertex.weight > 1e-12
    np.testing.assert_allclose(np.sort(stays.vertex.atoms.kink[used]), [-1.0, 1.0], atol=1e-9)
    np.testing.assert_allclose(
        np.sort(stays.vertex.weight[used]), [np.sqrt(2.0) / 3.0, np.sqrt(0.5)], rtol=1e-9
    )
    # N = (x)₊ + (1 − x)₊ on 0 and 1: both leave outwards
    held = frozenset({(1, 1.0, 0), (-1, 1.0, 1)})
    leave = grow(np.array([0.0, 1.0]), y, Region.of(np.array([0.0, 1.0]), set(), held))
    assert len(leave.region.sign) == 0
    assert leave.region.affine == (1.0,)
    assert leave.vertex.weight.sum() == pytest.approx(1.0, rel=1e-9)  # the constant


def test_extremes_come_first(found):
    errors = [point.clean_error.value for point in found]
    assert errors[0] == min(errors)
    assert errors[1] == max(errors)
    assert sorted(errors[::2]) == errors[::2]


def test_points_differ(found):
    keys = {(round(point.norm_ratio, 9), round(point.clean_error.value, 9)) for point in found}
    assert len(keys) == len(found)


def test_same_seed_same_bits_on_any_number_of_processes(sample):
    one, two = (
        u.search_kkt_points(sample, count=3, rng=3, draws=6, n_jobs=jobs) for jobs in (1, 2)
    )
    assert [point.draw for point in one] == [point.draw for point in two]
    for a, b in zip(one, two, strict=True):
        assert all(np.array_equal(p, q) for p, q in zip(_parts(a.net), _parts(b.net), strict=True))
        assert a.standing.level == b.standing.level


@pytest.mark.parametrize(("orientation", "side"), [("right", 1.0), ("left", -1.0)])
def test_orientations(orientation, side):
    """Of one orientation only; neurons that are active on all data have none, and may look either
    way.
    """
    drawn = u.draw_sample(7, 0.4, rng=0)
    sample = u.Sample.from_arrays(side * (drawn.x + 3.0), drawn.y)
    points = u.search_kkt_points(sample, count=5, rng=0, draws=20, orientation=orientation)
    assert points
    for point in points:
        bent = (
            (point.net.kinks > sample.x[0])
            & (point.net.kinks < sample.x[-1])
            & (point.net.v != 0.0)
        )
        assert bent.any()
        assert np.all(np.sign(point.net.w[bent]) == side)


def test_a_point_does_not_depend_on_the_draws_before_it(sample, found):
    few = u.search_kkt_points(sample, count=40, rng=0, draws=10)
    assert {point.draw for point in few} <= set(range(10))
    assert {point.norm_ratio for point in few} <= {point.norm_ratio for point in found}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "`count` must be an integer >= 1"),
        ({"count": 3, "draws": 0}, "`draws` must be an integer >= 1"),
        ({"count": 3, "n_jobs": 0}, "`n_jobs` must be an integer >= 1"),
        (
            {"count": 3, "orientation": "up"},
            "`orientation` must be one of both, right, left, got 'up'",
        ),
        ({"count": 3, "tolerance": -1.0}, "`tolerance` must"),
        ({"count": 3, "tolerance": 1.0}, "`tolerance` must"),
    ],
)
def test_the_door(sample, options, message):
    with pytest.raises(ValueError, match=message):
        u.search_kkt_points(sample, rng=0, **options)


def _parts(net):
    return net.v, net.w, net.b


def _worst_margin(net, sample):
    return min(exact.margins(*_parts(net), sample.x, sample.y))
