"""Clean errors of many nets at once: against rational arithmetic, and that only what is undecidable
is passed on.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

import numba
import numpy as np
import pytest
import strategies
from numpy.typing import NDArray
from oracles import exact

from univariate.error.clean_error import clean_error, clean_errors
from univariate.error.kernels.stacks import stacked_clean_errors
from univariate.problem.network import ReluNet

Vector = NDArray[np.float64]
Net = tuple[Vector, Vector, Vector]

TOLERANCE = Fraction(1, 10**15)


def stacked(nets: Iterable[Net]) -> list[Net]:
    """One stack (v, w, b) for each width."""
    by_width = defaultdict(list)
    for net in nets:
        by_width[len(net[0])].append(net)
    return [
        tuple(np.array(part) for part in zip(*group, strict=True)) for group in by_width.values()
    ]


def one_row(net: Net) -> Net:
    return tuple(part[None] for part in net)


def assert_exact(nets: Iterable[Net]) -> None:
    for stack in stacked(nets):
        for value, *net in zip(clean_errors(*stack).tolist(), *stack, strict=True):
            assert abs(Fraction(value) - exact.clean_error(*net)) <= TOLERANCE, net


def normal_net(rng: np.random.Generator, n: int) -> Net:
    return tuple(rng.normal(size=(3, n)))


def clustered_net(rng: np.random.Generator, n: int, spread: float) -> Net:
    """Kinks in [0.3, 0.3 + spread], and four more neurons so that N is not zero there."""
    slopes = rng.normal(size=n)
    kinks = 0.3 + spread * rng.random(n)
    v, w, b = rng.normal(size=(3, n + 4))
    w[:n], b[:n] = slopes, -slopes * kinks
    return v, w, b


def zigzag(rng: np.random.Generator, n: int) -> Net:
    """Interpolant of alternating values at random points: n − 1 crossings; neurons of both
    orientations, shuffled.
    """
    x = np.sort(rng.random(n))
    y = (-1.0) ** np.arange(n) * (1.0 + rng.random(n))
    slopes = np.diff(y) / np.diff(x)
    bends, kinks = np.diff(slopes), x[1:-1]
    # change·σ(x − t) = change·σ(t − x) + change·(x − t)
    side = np.where(rng.random(n - 2) < 0.5, 1.0, -1.0)
    slope = slopes[0] + bends[side < 0.0].sum()
    rise = y[0] - slopes[0] * x[0] - (bends * kinks)[side < 0.0].sum()
    v = np.concatenate([bends, [slope, rise]])
    w = np.concatenate([side, [1.0, 0.0]])
    b = np.concatenate([-side * kinks, [0.0, 1.0]])
    order = rng.permutation(n)
    return v[order], w[order], b[order]


# Against rational arithmetic


@pytest.mark.core
def test_hostile_nets_of_moderate_size():
    rng = np.random.default_rng(0)
    assert_exact(strategies.random_hostile_net(rng, extreme=False) for _ in range(150))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hostile_nets(seed):
    rng = np.random.default_rng(seed)
    assert_exact(strategies.random_hostile_net(rng) for _ in range(800))


@pytest.mark.parametrize(
    ("n", "count"), [(1, 100), (2, 100), (3, 100), (10, 60), (40, 15), (120, 4), (300, 2)]
)
def test_normal_nets(n, count):
    rng = np.random.default_rng(n)
    assert_exact(normal_net(rng, n) for _ in range(count))


@pytest.mark.core
def test_a_few_normal_nets():
    rng = np.random.default_rng(4)
    assert_exact(normal_net(rng, n) for n in (1, 5, 20) for _ in range(5))


@pytest.mark.parametrize("n", [255, 256, 257, 1000, 5000])
def test_wide_nets_lie_in_the_enclosure_of_one_net(n):
    rng = np.random.default_rng(n)
    stack = rng.normal(size=(3, 20, n))
    for value, *net in zip(clean_errors(*stack), *stack, strict=True):
        single = clean_error(ReluNet(*net))
        assert single.low - 1e-15 <= value <= single.high + 1e-15


@pytest.mark.parametrize("spread", [0.0, 1e-15, 1e-12, 1e-9, 1e-4])
def test_kinks_in_one_place(spread):
    rng = np.random.default_rng(5)
    assert_exact(clustered_net(rng, n, spread) for n in (2, 12, 90) for _ in range(6))


@pytest.mark.core
def test_kinks_in_one_place_are_sorted():
    rng = np.random.default_rng(6)
    assert_exact([clustered_net(rng, 40, 1e-4), clustered_net(rng, 40, 0.0)])


def test_all_kinks_equal_and_nothing_else():
    rng = np.random.default_rng(7)
    slopes = rng.choice([-2.0, -1.0, 1.0, 4.0], size=(20, 30))
    assert_exact(zip(rng.normal(size=(20, 30)), slopes, -0.375 * slopes, strict=True))


@pytest.mark.parametrize("n", [3, 20, 80])
def test_many_crossings(n):
    rng = np.random.default_rng(n)
    nets = [zigzag(rng, n) for _ in range(5)]
    assert_exact(nets)
    assert not np.isnan([stacked_clean_errors(*one_row(net)) for net in nets]).any()


@pytest.mark.parametrize("gap", [1e-14, 1e-13, 1e-10, -1e-14])
@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_a_crossing_at_an_end_of_the_domain(gap, slope):
    """N = slope·(x − z) with z within 1e-10 of 0 or 1, inside or outside."""
    constant = -slope * np.array([gap, 1.0 - gap])
    ones = np.ones(2)
    v, w, b = np.array(
        [[slope * ones, constant], [ones, 0.0 * ones], [0.0 * ones, ones]]
    ).transpose(0, 2, 1)
    assert_exact(zip(v, w, b, strict=True))


@pytest.mark.core
@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("factor", [1.0, -1.0])
def test_two_kinks_that_round_to_one_at_the_end_of_a_gap(side, factor):
    """The float nearest to 1/3, and 1/3: N gains some 2e-17 between them, which counts as beyond it
    is nearly flat.
    """
    v = factor * np.array([1.0, -(1.0 + 1e-10) / 3.0])
    w, b = side * np.array([[1.0, 3.0], [-1.0 / 3.0, -1.0]])
    assert_exact([(v, w, b)])
    assert np.isnan(stacked_clean_errors(*one_row((v, w, b)))).all()


# By hand


@pytest.mark.core
@pytest.mark.parametrize(
    ("neurons", "expected"),
    [
        ([(1.0, -1.0, 0.25), (1.0, 1.0, -0.75)], 0.5),
        ([(-1.0, -1.0, 0.25), (1.0, 1.0, -0.75)], 0.75),
        ([(1.0, 1.0, -0.625)], 0.625),
        ([(1.0, -2.0, 0.5)], 0.75),
        ([(1.0, 1.0, -0.5), (0.0, 1.0, -0.25), (0.0, 0.0, 1.0)], 0.5),
        (
            [
                (1.0, -1.0, 0.25),
                (1.0, 1.0, -0.75),
                (0.0, 1.0, 1.0),
                (3.0, 1.0, -2.0),
                (3.0, -1.0, 0.0),
            ],
            0.5,
        ),
    ],
    ids=["gap", "gap and a negative end", "right", "left", "dead units", "units that are off"],
)
def test_where_no_neuron_is_active_the_net_is_zero(neurons, expected):
    stack = one_row(tuple(np.array(neurons).T.copy()))
    assert stacked_clean_errors(*stack).tolist() == [expected]


@pytest.mark.core
@pytest.mark.parametrize(("offset", "expected"), [(1.0, 0.0), (-1.0, 1.0), (-0.25, 0.5)])
def test_the_absolute_value_of_the_distance_to_the_middle(offset, expected):
    v, w, b = np.array([[[1.0, 1.0, offset]], [[1.0, -1.0, 0.0]], [[-0.5, 0.5, 1.0]]])
    assert stacked_clean_errors(v, w, b).tolist() == [expected]


# What is passed on


def test_normal_nets_are_hardly_ever_passed_on():
    rng = np.random.default_rng(8)
    for n, count in ((1, 2000), (10, 2000), (100, 1000), (1000, 200)):
        assert np.isnan(stacked_clean_errors(*rng.normal(size=(3, count, n)))).mean() < 0.01


@pytest.mark.parametrize(
    "net",
    [
        ([1.0, -1.0], [1.0, 1.0], [0.5, 0.5]),
        ([1e300, 1.0], [1e300, 1.0], [1.0, 0.5]),
        ([1e-300, -1e-300], [1e-300, 1e-300], [1e-300, 1e-300]),
        ([0.0, 0.0], [1.0, 1.0], [1.0, 1.0]),
        ([1.0, np.nan], [1.0, 1.0], [1.0, 1.0]),
        ([1.0, 0.0], [np.inf, 1.0], [1.0, 1.0]),
        ([1.0, 0.0], [1.0, 1.0], [1.0, -np.inf]),
    ],
    ids=[
        "zero by cancellation",
        "overflow",
        "underflow",
        "all dead",
        "NaN",
        "inf",
        "inf in a dead unit",
    ],
)
def test_the_kernel_does_not_guess(net):
    with np.errstate(all="ignore"):
        assert np.isnan(stacked_clean_errors(*one_row(tuple(np.array(part) for part in net)))).all()


# Rows are independent


def mixed_stack() -> Net:
    """Rows that fall back among rows that do not, in more than one parallel task."""
    rng = np.random.default_rng(9)
    v, w, b = rng.normal(size=(3, 150, 37))
    v[::7], w[::7] = 0.0, 1e-300
    w[3::11] = np.abs(w[3::11])
    return v, w, b


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
def test_threads_change_no_bit():
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = clean_errors(*mixed_stack())
        numba.set_num_threads(2)
        two = clean_errors(*mixed_stack())
    finally:
        numba.set_num_threads(before)
    assert one.tobytes() == two.tobytes()


@pytest.mark.core
def test_a_value_does_not_depend_on_its_neighbours():
    stack = tuple(part[:8] for part in mixed_stack())
    together = clean_errors(*stack)
    alone = [clean_errors(*(part[row : row + 1] for part in stack))[0] for row in range(8)]
    assert together.tolist() == alone


def test_powers_of_two_cancel():
    v, w, b = np.random.default_rng(10).normal(size=(3, 40, 25))
    expected = stacked_clean_errors(v, w, b).tolist()
    assert stacked_clean_errors(2.0**90 * v, w, b).tolist() == expected
    assert stacked_clean_errors(v, 2.0**-90 * w, 2.0**-90 * b).tolist() == expected


# The public door


@pytest.mark.parametrize(
    "convert",
    [
        lambda part: part.tolist(),
        lambda part: part.astype(np.float32),
        np.asfortranarray,
        lambda part: np.repeat(part, 2, axis=1)[:, ::2],
        lambda part: part.astype(">f8"),
        lambda part: np.frombuffer(part.tobytes()).reshape(part.shape),
    ],
    ids=["lists", "float32", "columns", "strided", "big endian", "read only"],
)
def test_any_array_of_numbers_will_do(convert):
    stack = tuple(part[:20].astype(np.float32).astype(np.float64) for part in mixed_stack())
    assert clean_errors(*map(convert, stack)).tolist() == clean_errors(*stack).tolist()


def test_integers():
    assert clean_errors([[1, 1]], [[-4, 4]], [[1, -3]]).tolist() == [0.5]


def test_inputs_are_not_changed_and_need_not_be_writeable():
    stack = mixed_stack()
    copies = [part.copy() for part in stack]
    for part in stack:
        part.setflags(write=False)
    clean_errors(*stack)
    assert all(np.array_equal(part, copy) for part, copy in zip(stack, copies, strict=True))


@pytest.mark.core
def test_no_nets_have_no_clean_errors():
    empty = np.zeros((0, 3))
    assert clean_errors(empty, empty, empty).shape == (0,)


@pytest.mark.core
@pytest.mark.parametrize(
    ("shapes", "listed"),
    [
        (((2, 3), (2, 3), (2, 4)), "v(2, 3), w(2, 3), b(2, 4)"),
        (((3,), (3,), (3,)), "v(3,), w(3,), b(3,)"),
        (((2, 0), (2, 0), (2, 0)), "v(2, 0), w(2, 0), b(2, 0)"),
    ],
    ids=["different widths", "one net alone", "no neurons"],
)
def test_stacks_of_the_wrong_shape_are_refused(shapes, listed):
    with pytest.raises(ValueError, match="one shape") as caught:
        clean_errors(*map(np.ones, shapes))
    assert listed in str(caught.value)
    assert "one net per row" in str(caught.value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["v", "w", "b"])
def test_entries_that_are_not_finite_are_refused(name, bad):
    stack = dict(zip("vwb", mixed_stack(), strict=True))
    stack[name][4, 2] = bad
    with pytest.raises(ValueError, match=f"`{name}` must be finite, got {name}\\[4, 2\\]"):
        clean_errors(**stack)


def test_what_is_not_a_number_is_refused():
    with pytest.raises(TypeError, match="`w` must hold real numbers"):
        clean_errors([[1.0]], [["one"]], [[1.0]])
