"""Initial networks: what each scheme promises about kinks, sizes and the function it starts
from.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
import strategies
from hypothesis import given, settings, strategies as st
from oracles import exact

from univariate import ReluNet, Sample, draw_sample, init_network

EPSILON = float(np.finfo(np.float64).eps)
SAMPLE = Sample([0.1, 0.2, 0.45, 0.9], [1.0, -1.0, 1.0, 1.0])

thorough = settings(max_examples=60, deadline=None, database=None)


def same(one: ReluNet, other: ReluNet) -> bool:
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in "vwb")


# Spread


@pytest.mark.core
@thorough
@given(
    strategies.samples(unit_interval=False),
    st.integers(0, 2**32),
    st.sampled_from([1.0, 1e-3, 1e6]),
)
def test_spread_starts_have_a_kink_of_every_kind_in_every_gap(sample, seed, scale):
    """One kink of either orientation in every gap and beyond either end, for two neurons of
    opposite sign.
    """
    x, _ = sample
    net = init_network(Sample(*sample), scale=scale, rng=seed)
    gaps = np.diff(x)
    outer = gaps.mean() if len(gaps) else 1.0
    borders = np.concatenate([[x[0] - outer], x, [x[-1] + outer]])
    assert net.width == 4 * (len(x) + 1)
    kinds = list(zip(np.sign(net.w), np.sign(net.v), strict=True))
    for low, high in pairwise(borders.tolist()):
        # of −b/w; kinks may round onto the ends of short gaps
        slack = 2 * EPSILON * max(abs(low), abs(high))
        inside = np.flatnonzero((net.kinks >= low - slack) & (net.kinks <= high + slack))
        assert {kinds[j] for j in inside} == {
            (side, sign) for side in (1.0, -1.0) for sign in (1.0, -1.0)
        }
    # none is left over: in order, every four of them belong to one gap
    for index, four in enumerate(np.sort(net.kinks).reshape(-1, 4)):
        slack = 2 * EPSILON * np.abs(borders).max()
        assert borders[index] - slack <= four.min()
        assert four.max() <= borders[index + 1] + slack


@pytest.mark.core
@thorough
@given(strategies.samples(max_size=6, unit_interval=False), st.integers(0, 2**32))
def test_spread_starts_compute_zero_exactly(sample, seed):
    net = init_network(Sample(*sample), rng=seed)
    points = np.concatenate([sample[0], net.kinks])
    assert set(exact.margins(net.v, net.w, net.b, points, np.ones(len(points)))) == {0}
    neurons = list(zip(net.v, net.w, net.b, strict=True))
    assert sorted(neurons) == sorted((-v, w, b) for v, w, b in neurons)


@pytest.mark.core
@thorough
@given(strategies.samples(unit_interval=False), st.integers(0, 2**32), st.floats(1e-6, 1e6))
def test_spread_starts_are_balanced_with_sizes_of_the_gaps(sample, seed, scale):
    x, _ = sample
    net = init_network(Sample(*sample), scale=scale, rng=seed)
    inner = np.hypot(net.w, net.b)
    np.testing.assert_allclose(np.abs(net.v), inner, rtol=4 * EPSILON)
    gaps = np.diff(x)
    lengths = np.concatenate([gaps, np.full(2, gaps.mean() if len(gaps) else 1.0)])
    expected = np.repeat(np.sort(scale / lengths), 4)
    # the ends of the outer gaps are rounded, and so are their lengths
    rounding = 4 * EPSILON * (1.0 + np.abs(x).max() / lengths.min())
    np.testing.assert_allclose(
        np.sort(np.abs(net.v) * inner), expected, rtol=8 * EPSILON + rounding
    )


def test_spread_kinks_are_uniform_in_their_gaps():
    """Kolmogorov's distance at 4,004 kinks; 1.95 is exceeded with probability 1e-3."""
    sample = draw_sample(1000, 0.2, rng=1)
    kinks = init_network(sample, rng=2).kinks[: 2 * 1001]  # the second half repeats them
    gaps = np.diff(sample.x)
    borders = np.concatenate([[sample.x[0] - gaps.mean()], sample.x, [sample.x[-1] + gaps.mean()]])
    place = np.repeat(np.arange(1001), 2)
    share = np.sort((kinks - borders[place]) / (borders[place + 1] - borders[place]))
    grid = np.arange(len(share)) / len(share)
    assert max(
        np.abs(share - grid).max(), np.abs(share - grid - 1 / len(share)).max()
    ) < 1.95 / math.sqrt(len(share))


# PyTorch's


@pytest.mark.parametrize("width", [1, 7, 4000])
def test_pytorch_starts_have_pytorchs_ranges(width):
    net = init_network(SAMPLE, scheme="pytorch", width=width, rng=3)
    assert net.width == width
    assert np.abs(net.w).max() < 1.0
    assert np.abs(net.b).max() < 1.0
    assert np.abs(net.v).max() < 1.0 / math.sqrt(width)
    if width == 4000:
        for part, reach in ((net.w, 1.0), (net.b, 1.0), (net.v, 1.0 / math.sqrt(width))):
            scaled = part / reach
            assert scaled.max() > 0.99
            assert scaled.min() < -0.99
            assert abs(scaled.mean()) < 4.0 / math.sqrt(3.0 * width)  # four standard errors
            assert scaled.var() == pytest.approx(1.0 / 3.0, rel=0.05)
        assert abs(np.corrcoef(net.w, net.b)[0, 1]) < 4.0 / math.sqrt(width)


def test_pytorchs_ranges_are_those_of_torch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    width = 4000
    inner, outer = torch.nn.Linear(1, width), torch.nn.Linear(width, 1, bias=False)
    net = init_network(SAMPLE, scheme="pytorch", width=width, rng=3)
    for ours, theirs in ((net.w, inner.weight), (net.b, inner.bias), (net.v, outer.weight)):
        assert np.abs(ours).max() == pytest.approx(float(theirs.detach().abs().max()), rel=0.01)


@pytest.mark.core
def test_the_scale_multiplies_all_three():
    net, doubled = (
        init_network(SAMPLE, scheme="pytorch", scale=scale, rng=4) for scale in (1.0, 2.0)
    )
    assert net.width == 4 * (SAMPLE.size + 1)
    assert same(doubled, ReluNet(2.0 * net.v, 2.0 * net.w, 2.0 * net.b))


# Seeds


@pytest.mark.core
@pytest.mark.parametrize("scheme", ["spread", "pytorch"])
def test_same_seed_same_bits(scheme):
    first = init_network(SAMPLE, scheme=scheme, rng=5)
    assert same(first, init_network(SAMPLE, scheme=scheme, rng=5))
    assert same(first, init_network(SAMPLE, scheme=scheme, rng=np.random.default_rng(5)))
    assert not same(first, init_network(SAMPLE, scheme=scheme, rng=6))
    generator = np.random.default_rng(5)
    assert same(first, init_network(SAMPLE, scheme=scheme, rng=generator))
    assert not same(first, init_network(SAMPLE, scheme=scheme, rng=generator))


def test_labels_and_the_global_generator_do_not_matter():
    np.random.seed(0)  # noqa: NPY002 (that it is not touched is the point)
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    assert same(init_network(SAMPLE, rng=5), init_network(Sample(SAMPLE.x, -SAMPLE.y), rng=5))
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


# The door


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"scheme": "he"},
            ValueError,
            r"`scheme` must be one of spread, pytorch, got 'he'; choose one of these",
        ),
        ({"scheme": None}, ValueError, r"`scheme` must be one of spread, pytorch, got None"),
        ({"scale": 0.0}, ValueError, r"`scale` must be positive, got 0.0; 1 is the usual size"),
        ({"scale": -1}, ValueError, r"`scale` must be positive, got -1.0"),
        ({"scale": math.nan}, ValueError, r"`scale` must be finite, got nan"),
        ({"scale": "1"}, TypeError, r"`scale` must be a real number, got '1'"),
        (
            {"width": 19},
            ValueError,
            r'`width` must be 4 \(m \+ 1\) = 20 for "spread", got 19; leave it out, or choose',
        ),
        ({"width": 0, "scheme": "pytorch"}, ValueError, r"`width` must be an integer >= 1, got 0"),
        ({"width": 2.5, "scheme": "pytorch"}, TypeError, r"`width` must be an integer, got 2.5"),
        (
            {"rng": None},
            TypeError,
            r"`rng` must be an int seed or a numpy.random.Generator, got None",
        ),
        ({"rng": -1}, ValueError, r"`rng` must be a non-negative seed, got -1"),
    ],
)
def test_options_out_of_range(options, error, message):
    with pytest.raises(error, match=message):
        init_network(SAMPLE, **{"rng": 0, **options})


def test_a_sample_and_a_seed_are_required():
    with pytest.raises(TypeError, match=r"`sample` must be a Sample, got list"):
        init_network([0.1, 0.2], rng=0)
    with pytest.raises(TypeError, match="rng"):
        init_network(SAMPLE)
    assert init_network(SAMPLE, width=20, rng=0).width == 20  # its own width may be said


@pytest.mark.parametrize(("x", "scale"), [([0.0, 5e-324], 1.0), ([0.0, 1e-300], 1e300)])
def test_sizes_beyond_the_doubles_are_refused_in_words(x, scale):
    with pytest.raises(
        ValueError,
        match=r"`scale` over a gap must stay in the range of doubles.*; rescale the inputs",
    ):
        init_network(Sample(x, [1.0, -1.0]), scale=scale, rng=0)


def test_one_observation_is_a_sample():
    net = init_network(Sample([0.5], [-1.0]), rng=0)
    assert net.width == 8
    assert np.all((net.kinks > -0.5) & (net.kinks < 1.5))
