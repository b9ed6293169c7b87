"""From the end of training to the KKT point of its cell: against a conic solver, under splitting
and symmetries.
"""

from collections import Counter

import cases
import numpy as np
import pools
import pytest
from oracles import minima, naive

import univariate as u
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.optimum.region import Region
from univariate.optimum.regional import grow

SAME = 1e-9  # relative, of norms of points that are certified to this


def on_cells(instance):
    """Return the conic solver's optimum of Problem (1) over the cells that a net without kinks on
    data occupies.
    """
    v, w, b = instance.net
    on = np.outer(w, instance.x) + b[:, None] > 0.0
    masks = {(float(np.sign(sign)), tuple(row)) for sign, row in zip(v, on.tolist(), strict=True)}
    blocks = [
        block
        for block in naive.cell_blocks(len(instance.x))
        if (block.sign, _mask(block, instance.x)) in masks
    ]
    atoms, _ = minima._block_solution(instance.x, instance.y, blocks)
    return 2.0 * np.hypot(*atoms.T).sum()


def _mask(block, x):
    return tuple(i in block.active for i in range(len(x)))


def has_kink_on_data(instance):
    v, w, b = instance.net
    reach = np.abs(np.outer(w, instance.x) + b[:, None]) / np.hypot(w, b)[:, None]
    return bool(np.min(reach[v != 0.0]) < 1e-6)


def interior(seed, samples):
    """KKT points with every kink inside a gap: each is the optimum over its cells."""
    found = [one for one in pools.kkt_pool(seed, samples, pinned=0.0) if not has_kink_on_data(one)]
    assert len(found) >= samples // 2
    return found


def polished(net, sample):
    point = u.kkt_point(net, sample)
    assert point.certificate.verdict is u.Verdict.HOLDS
    assert u.recheck(point.certificate, point.net, sample).verdict is u.Verdict.HOLDS
    assert np.min(u.margins(point.net, sample).values) == pytest.approx(1.0, abs=1e-12)
    return point


def test_kkt_points_inside_their_cells_are_kept():
    for one in interior(0, 30):
        net, sample = u.ReluNet(*one.net), u.Sample(one.x, one.y)
        point = polished(net, sample)
        assert point.entered == 0
        assert point.net.norm_squared == pytest.approx(net.norm_squared, rel=SAME)
        assert point.net.norm_squared == pytest.approx(on_cells(one), rel=1e-6)
        assert abs(point.clean_error_change) <= 1e-7
        assert point.distance <= 1e-6


def test_far_from_the_point_its_cell_decides():
    """Splitting, growing and tilting the neurons of a KKT point within their cells changes
    nothing.
    """
    rng = np.random.default_rng(1)
    compared = 0
    for one in interior(2, 40):
        sample, net = u.Sample(one.x, one.y), u.ReluNet(*one.net)
        if np.any(net.w == 0.0):
            continue
        moved = shaken(one, rng)
        if u.interpolates(moved, sample).verdict is not u.Verdict.HOLDS:
            continue
        point = polished(moved, sample)
        assert point.net.norm_squared == pytest.approx(net.norm_squared, rel=SAME)
        assert point.net.width <= net.width
        compared += 1
    assert compared >= 10


def shaken(instance, rng):
    """Split every neuron into three, unbalanced, with kinks elsewhere in the same gap; ten times as
    large.
    """
    v, w, b = (np.tile(part, 3) for part in instance.net)
    share, scale = (
        rng.dirichlet(np.full(3, 20.0), len(v) // 3).T.ravel(),
        np.exp(rng.normal(size=len(v))),
    )
    kink = -b / w
    order = np.searchsorted(instance.x, kink)
    edges = np.concatenate([[-1e3], instance.x, [1e3]])
    room = np.minimum(kink - edges[order], edges[order + 1] - kink)
    kink = kink + 0.01 * room * rng.uniform(-1.0, 1.0, len(v))
    return u.ReluNet(10.0 * v * share / scale, w * scale, -w * scale * kink)


def test_the_ends_of_the_path_are_where_they_should_be():
    """A net of tiny neurons in all cells leads to the global optimum: all of Problem (1) is one
    convex program.
    """
    for seed in range(6):
        sample = u.draw_sample(12, 0.4, rng=seed)
        best = u.max_margin(sample)
        start = u.init_network(sample, scale=1e-6, rng=seed)
        net = u.ReluNet(
            *(
                np.concatenate([a, 3.0 * b])
                for a, b in zip(_parts(start), _parts(best.net), strict=True)
            )
        )
        point = polished(net, sample)
        assert point.net.norm_squared == pytest.approx(best.norm_squared, rel=SAME)
        assert u.certify(point.net, sample, optimum=best).level == "global minimum"


def test_a_kink_at_the_end_of_its_cell_goes_on_into_the_next():
    """Only cells far from the optimal kinks are occupied: neighbours are entered, and that is
    said.
    """
    sample = u.Sample([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    net = u.ReluNet([1.0, -30.0], [0.0, 1.0], [4.0, -0.41])  # 4 − 30 σ(x − 0.41)
    point = polished(net, sample)
    assert point.cells == 2
    assert point.entered > 0
    assert point.net.norm_squared < 0.99 * on_cells(pools.Instance(_parts(net), sample.x, sample.y))


def test_distance_is_that_of_the_graphs():
    sample = u.draw_sample(15, 0.3, rng=4)
    net = u.gradient_flow(u.init_network(sample, rng=5), sample, margin=10.0).net
    point = polished(net, sample)
    x = np.linspace(sample.x[0], sample.x[-1], 20_001)
    gap = np.abs(net(x) / np.min(net(sample.x) * sample.y) - point.net(x)).max()
    assert gap <= point.distance * (1.0 + 1e-12)
    assert gap == pytest.approx(point.distance, rel=1e-3)
    change = float(u.clean_error(point.net)) - float(u.clean_error(net))
    assert point.clean_error_change == pytest.approx(change, abs=1e-15)


def test_scale_and_reflection_change_nothing():
    sample = u.draw_sample(14, 0.3, rng=8)
    net = u.gradient_flow(u.init_network(sample, rng=9), sample, margin=10.0).net
    point = polished(net, sample)
    larger = polished(u.ReluNet(*(4.0 * part for part in _parts(net))), sample)
    assert all(
        np.array_equal(a, b) for a, b in zip(_parts(point.net), _parts(larger.net), strict=True)
    )
    mirrored = u.Sample(-sample.x[::-1], sample.y[::-1])
    other = polished(u.ReluNet(net.v, -net.w, net.b), mirrored)
    assert other.net.norm_squared == pytest.approx(point.net.norm_squared, rel=SAME)


@pytest.mark.parametrize("scheme", ["spread", "pytorch"])
@pytest.mark.parametrize("loss", ["logistic", "exponential"])
def test_training_ends_at_a_certified_point(scheme, loss):
    reached = 0
    for seed in range(4):
        sample = u.draw_sample(10, 0.3, rng=seed)
        run = u.gradient_flow(
            u.init_network(sample, scheme=scheme, rng=100 + seed), sample, loss=loss
        )
        if run.margins[-1] <= 0.0:
            assert scheme == "pytorch"  # spread kinks always interpolate here
            continue
        point = polished(run.net, sample)
        assert point.certificate.accuracy <= KKT_TOLERANCE
        assert point.net.norm_squared >= u.max_margin(sample).norm_squared * (1.0 - SAME)
        assert abs(point.clean_error_change) <= 0.05
        reached += 1
    assert reached >= 2


def test_redundant_neurons_do_not_matter():
    case = cases.LOCAL_NOT_GLOBAL
    net, sample = case.net, u.Sample([float(x) for x in case.x], list(case.y))
    dead = u.ReluNet(
        *(np.append(a, extra) for a, extra in zip(net, (3.0, 1.0, -40.0), strict=True))
    )
    silent = u.ReluNet(
        *(np.append(a, extra) for a, extra in zip(net, (0.0, 1.0, 1.0), strict=True))
    )
    expected = polished(u.ReluNet(*net), sample)
    for other in (dead, silent):
        assert polished(other, sample).net.norm_squared == pytest.approx(
            expected.net.norm_squared, rel=SAME
        )


@pytest.mark.parametrize(
    ("net", "kind", "message"),
    [
        (
            u.ReluNet([1.0], [1.0], [1.0]),
            ValueError,
            r"`net` must interpolate `sample`, got y N\(x\) = -1\.\d+ at",
        ),
        (u.DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])]), TypeError, "output bias"),
        ("net", TypeError, "`net` must be a ReluNet"),
    ],
)
def test_the_door(net, kind, message):
    with pytest.raises(kind, match=message):
        u.kkt_point(net, u.Sample([0.25, 0.75], [1.0, -1.0]))


def _parts(net):
    return net.v, net.w, net.b


def hats(sample: u.Sample, seed: int) -> u.ReluNet:
    """Return a net that interpolates: a polygon whose corners are cut, each by two kinks beside its
    datum that look to either side.
    """
    rng = np.random.default_rng(seed)
    x, heights = sample.x, sample.y * (1.0 + rng.random(sample.size))
    gaps = np.diff(x)
    slopes = np.diff(heights) / gaps
    before, after = 0.2 * rng.random((2, sample.size - 2)) * (gaps[:-1], gaps[1:])
    bends = np.diff(slopes) / (before + after)
    kinks = np.concatenate([x[1:-1] - before, x[1:-1] + after])
    v = np.concatenate([bends * after, bends * before])
    left = rng.random(len(v)) < 0.5
    slope = slopes[0] + v[left].sum()
    rise = heights[0] - slopes[0] * x[0] - v[left] @ kinks[left]
    w = np.where(left, -1.0, 1.0)
    # slope·x + rise by neurons that are active on all of [0, 1]
    v = np.append(v, [slope, rise - slope])
    return u.ReluNet(v, np.append(w, [1.0, 0.0]), np.append(-w * kinks, [1.0, 1.0])).balanced()


@pytest.mark.parametrize(("m", "seed"), [(300, 0), (1000, 3)])
def test_large_nets_are_polished(m, seed):
    """Some cells of every kind leave almost all of Problem (1): the optimum is nearly the global
    one, and its kinks must be rounded with care for margins, balance and multipliers at once.
    """
    sample = u.draw_sample(m, 0.3, rng=seed)
    point = polished(hats(sample, seed), sample)
    assert point.certificate.accuracy <= 0.1 * KKT_TOLERANCE
    best = u.max_margin(sample).norm_squared
    assert best * (1.0 - SAME) <= point.net.norm_squared <= 1.1 * best


def test_growth_does_not_heap_up_atoms():
    sample = u.draw_sample(60, 0.3, rng=5)
    blocks = {
        (side, sign, cell) for side in (1, -1) for sign in (1.0, -1.0) for cell in range(0, 59, 2)
    }
    grown = grow(sample.x, sample.y, Region.of(sample.x, blocks | {(0, 1.0, 0), (0, -1.0, 0)}))
    assert grown is not None
    assert grown.region.size > len(blocks) + 2
    atoms = grown.vertex.atoms
    rows = list(zip(*(part.tolist() for part in atoms), strict=True))
    # both ends of neighbouring cells are one place
    assert max(Counter(rows).values()) <= 3
