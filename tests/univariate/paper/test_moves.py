"""Two-neuron moves: where N changes, what the norm does, and what the proofs choose, in rational
arithmetic.
"""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from oracles import exact

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    draw_sample,
    max_margin,
    proof_move,
    structure,
    two_neuron_move,
)
from univariate.paper.moves import EQUATIONS

# Right-oriented nets through (knots, values), for labels +, −, + at 1/4, 1/2, 3/4. Neuron 0 is a
# line that starts left of everything, neuron k bends at the k-th knot.
OBSERVATIONS = Sample([0.25, 0.5, 0.75], [1.0, -1.0, 1.0])
PAIR = Sample([0.25, 0.5], [1.0, 1.0])
CASES = (
    (
        "slope increases while rising",
        "10",
        3,
        5,
        (0, 1 / 4, 1 / 2, 5 / 8, 3 / 4, 7 / 8),
        (0, 1, -1, -3 / 4, 1, 3),
    ),
    (
        "slope decreases while rising",
        "12",
        2,
        3,
        (0, 1 / 4, 1 / 2, 5 / 8, 3 / 4),
        (0, 1, -1, 1 / 2, 1),
    ),
    ("falls or rests, then rises", "10", 2, 3, (0, 1 / 4, 5 / 8, 3 / 4), (0, 1, -2, 1)),
    ("below −1 at the isolated −1", "14", 1, 2, (0, 1 / 4, 1 / 2, 3 / 4), (0, 1, -2, 1)),
    ("above +1 at its neighbour", "14", 2, 4, (0, 1 / 4, 1 / 2, 3 / 4, 7 / 8), (0, 1, -1, 3, 5)),
    ("negative between neighbours +1, +1", "10", 2, 3, (0, 1 / 4, 3 / 8, 1 / 2), (0, 1, -1 / 2, 1)),
)


def through(knots, values):
    slopes = np.append(np.diff(values) / np.diff(knots), 0.0)
    return ReluNet(np.diff(slopes, prepend=0.0), np.ones(len(knots)), -np.array(knots))


def instance(case):
    net = through(*case[4:]).balanced()
    return (net, PAIR, 0) if "neighbours" in case[0] else (net, OBSERVATIONS, 1)


def reflected(net, sample):
    return ReluNet(net.v, -net.w, net.b), Sample(-sample.x[::-1], sample.y[::-1])


def value(net, x):
    return exact.net_value(net.v, net.w, net.b, x)


def norm_squared(net):
    return exact.norm_squared(net.v, net.w, net.b)


def worst_margin(net, sample):
    return min(exact.margins(net.v, net.w, net.b, sample.x, sample.y))


def random_pair(rng, side):
    """Two neurons of one orientation among others, such that a move by one half makes no rounding
    error.
    """
    v, w = rng.choice([-1.0, 1.0], 5) * 2.0 ** rng.integers(-2, 3, 5), 2.0 ** rng.integers(-2, 3, 5)
    w[:2] *= side
    w[2:] *= rng.choice([-1.0, 1.0], 3)
    return ReluNet(v, w, rng.integers(-16, 17, 5) / 8.0)


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("equation", EQUATIONS)
def test_nothing_changes_outside_the_interval(equation, side):
    rng = np.random.default_rng(0)
    moved = 0
    for _ in range(200):
        net = random_pair(rng, side)
        if equation != "10" and net.v[0] * net.w[0] / (net.v[1] * net.w[1]) <= -2.0:
            continue  # neuron 1 would turn around
        move = two_neuron_move(net, 0, 1, equation, 0.5)
        low, high = map(Fraction, move.interval)
        for far in (Fraction(0), Fraction(1, 1000), Fraction(1), Fraction(100)):
            assert value(move.net, low - far) == value(net, low - far)
            assert value(move.net, high + far) == value(net, high + far)
        if low < high:
            points = [low + (high - low) * k / 7 for k in range(1, 7)]
            assert all(value(move.net, t) != value(net, t) for t in points)
            moved += 1
        np.testing.assert_array_equal(move.net.v[2:], net.v[2:])
        assert move.change == norm_squared(move.net) - norm_squared(net)
    assert moved >= 50


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("equation", EQUATIONS)
def test_the_change_of_the_norm_tends_to_the_predicted_one(equation, side):
    rng = np.random.default_rng(1)
    for _ in range(40):
        v, w, b = rng.standard_normal((3, 4))
        net = ReluNet(v, side * (0.1 + np.abs(w)), b)
        off = []
        for step in (2.0**-11, 2.0**-12, 2.0**-13):
            move = two_neuron_move(net, 2, 0, equation, step)
            assert move.step == step
            off.append((move.change - Fraction(move.predicted)) / Fraction(step))
        assert off[1] / off[0] == pytest.approx(0.5, abs=0.02)  # the rest is of second order
        assert off[2] / off[1] == pytest.approx(0.5, abs=0.02)


def test_the_gain_by_hand():
    """v = (2, −1), w = (1, 2), b = (−1, −6), t = (1, 3): κ = −1, G = 4 + 1 + 2 = 7 and 4 + 2·(2 +
    6) = 20.
    """
    net = ReluNet([2.0, -1.0], [1.0, 2.0], [-1.0, -6.0])
    first = two_neuron_move(net, 0, 1, "10", 0.5)
    assert first.predicted == -7.0
    np.testing.assert_array_equal(
        [first.net.v, first.net.w, first.net.b], [[1.0, -0.5], [1.0, 2.0], [1.0, -6.0]]
    )
    assert first.interval == (-1.0, 3.0)
    second = two_neuron_move(net, 0, 1, "12", 0.5)
    assert second.predicted == -20.0
    np.testing.assert_array_equal(
        [second.net.v, second.net.w, second.net.b], [[1.0, -1.0], [1.0, 1.0], [-1.0, -5.0]]
    )
    assert second.interval == (1.0, 5.0)
    assert second.case == ""


@pytest.mark.parametrize("equation", EQUATIONS)
def test_a_move_commutes_with_reflection(equation):
    rng = np.random.default_rng(2)
    sample = Sample([0.0], [1.0])
    for _ in range(50):
        v, w, b = rng.standard_normal((3, 4))
        net = ReluNet(v, np.abs(w), b)
        here = two_neuron_move(net, 1, 3, equation, 2.0**-12)
        there = two_neuron_move(reflected(net, sample)[0], 1, 3, equation, 2.0**-12)
        np.testing.assert_array_equal(reflected(here.net, sample)[0].w, there.net.w)
        np.testing.assert_array_equal([here.net.v, here.net.b], [there.net.v, there.net.b])
        assert there.interval == (-here.interval[1], -here.interval[0])
        assert (there.change, there.predicted) == (here.change, here.predicted)


def test_mixed_orientations_would_change_the_outside():
    net = ReluNet([1.0, -1.0], [1.0, -1.0], [-0.25, 0.75])
    with pytest.raises(
        ValueError, match=r"one orientation, got w = 1 and -1; .* on the whole outside"
    ):
        two_neuron_move(net, 0, 1, "10", 0.5)
    by_formula = ReluNet([0.5, -0.5], [1.0, -1.0], [0.25, 0.75])  # Eq. (10), δ = 1/2, κ = 1
    for outside in (-3, 4):
        assert value(by_formula, outside) != value(net, outside)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 0, "10", 0.5), ValueError, "`second` must differ from `first`"),
        ((0, 4, "10", 0.5), ValueError, "`second` must be a neuron of the net, got 4; there are 4"),
        ((-1, 0, "10", 0.5), ValueError, "`first` must be an integer >= 0"),
        ((0.5, 1, "10", 0.5), TypeError, "`first` must be an integer"),
        ((0, 2, "10", 0.5), ValueError, "`second` must be a neuron with a kink, got 2"),
        ((3, 0, "10", 0.5), ValueError, "`first` must be a neuron with a kink, got 3"),
        ((0, 1, "11", 0.5), ValueError, '`equation` must be one of "10", "12", "14", got \'11\''),
        ((0, 1, "10", 1.0), ValueError, r"`step` must lie in \(0, 1\)"),
        ((0, 1, "10", "a"), TypeError, "`step` must be a real number"),
        (
            (0, 1, "12", 0.5),
            ValueError,
            "`step` must be smaller for these neurons, got 0.5, but neuron 1 turns around at 0.25;",
        ),
    ],
)
def test_other_arguments_are_refused(arguments, error, message):
    net = ReluNet([4.0, -1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0], [-0.5, -0.75, 1.0, 0.0])
    with pytest.raises(error, match=message):
        two_neuron_move(net, *arguments)


def test_a_move_beyond_the_doubles_is_refused():
    net = ReluNet([1e200, 1e-200], [1.0, 1.0], [-0.5, -0.75])
    with pytest.raises(ValueError, match="the result overflows"):
        two_neuron_move(net, 0, 1, "12", 0.5)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_the_proofs_choose_these_neurons(case):
    name, equation, first, second, *_ = case
    net, sample, segment = instance(case)
    move = proof_move(net, sample, segment)
    assert (move.case, move.equation, move.first, move.second) == (name, equation, first, second)
    assert worst_margin(move.net, sample) >= worst_margin(net, sample)
    assert move.norm_squared_before == norm_squared(net)
    assert move.norm_squared_after == norm_squared(move.net)
    assert move.change < 0
    assert move.predicted < 0.0
    plain = two_neuron_move(net, first, second, equation, move.step)
    for ours, other in zip(
        (move.net.v, move.net.w, move.net.b), (plain.net.v, plain.net.w, plain.net.b), strict=True
    ):
        np.testing.assert_allclose(ours, other, rtol=2.0**-38)
    if move.step < 0.25:
        assert proof_move(net, sample, segment, step=2.0 * move.step) is None
    assert proof_move(net, sample, segment, step=move.step).net.v.tolist() == move.net.v.tolist()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_the_proofs_reflected(case):
    """Left-oriented neurons are moved by the proof for the mirrored segment."""
    net, sample, segment = instance(case)
    mirror, mirrored = reflected(net, sample)
    other = sample.size - 1 - segment - (1 if sample.y[segment] > 0.0 else 0)
    here, there = proof_move(net, sample, segment), proof_move(mirror, mirrored, other)
    assert (here.case, here.first, here.second, here.step) == (
        there.case,
        there.first,
        there.second,
        there.step,
    )
    assert here.change == there.change


def test_descending_by_moves_alone():
    """Every move keeps the margins and lowers the norm, so repeating them never goes wrong."""
    net, sample, segment = instance(CASES[0])
    start, norms = worst_margin(net, sample), [norm_squared(net)]
    for _ in range(12):
        move = proof_move(net, sample, segment)
        if move is None:
            break
        net = move.net
        norms.append(norm_squared(net))
        assert worst_margin(net, sample) >= start
    assert len(norms) >= 5
    assert all(later < earlier for earlier, later in pairwise(norms))


@pytest.mark.parametrize("noise", [0.2, 0.5])
def test_optima_admit_no_move(noise):
    tried = 0
    for seed in range(6):
        sample = draw_sample(40, noise, rng=seed)
        net, plus = max_margin(sample).net, sample.y > 0.0
        pairs = np.flatnonzero(plus[:-1] & plus[1:])
        isolated = np.flatnonzero(plus[:-2] & ~plus[1:-1] & plus[2:]) + 1
        for segment in [*pairs, *isolated]:
            assert proof_move(net, sample, segment) is None
            tried += 1
    assert tried > 60


def test_random_violations():
    """Whatever is proposed on nets of mixed orientations is feasible and better; some violations
    admit no move.
    """
    rng = np.random.default_rng(3)
    outcomes = {True: 0, False: 0}
    for _ in range(60):
        x = np.sort(rng.choice(32, 7, replace=False)) / 32
        y = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0])
        knots = np.sort(np.append(x, 0.5 * (x[:-1] + x[1:])))
        values = np.append(
            np.column_stack(
                [y[:-1] * rng.choice([1.0, 2.0], 6), rng.uniform(-1.0, 1.0, 6)]
            ).ravel(),
            1.0,
        )
        base = through(np.append(-1.0, knots), np.append(0.0, values))
        # v σ(w x + b) = v σ(−w x − b) + v (w x + b), the line made by two more
        turned = rng.random(base.width) < 0.3
        turned[0] = False
        line = base.v[turned].sum(), -(base.v[turned] * knots[turned[1:]]).sum()
        net = ReluNet(
            [*base.v, line[0], line[1] - 8.0 * line[0]],
            [*np.where(turned, -1.0, 1.0), 1.0, 0.0],
            [*np.where(turned, -base.b, base.b), 8.0, 1.0],
        ).balanced()
        sample = Sample(x, y)
        for check in structure(net, sample).checks[2:]:
            for violation in check.violations:
                segment = (
                    violation.last if check.statement.endswith("mirrored") else violation.first
                )
                move = proof_move(net, sample, segment)
                outcomes[move is not None] += 1
                if move is not None:
                    assert worst_margin(move.net, sample) >= worst_margin(net, sample)
                    assert norm_squared(move.net) < norm_squared(net)
    assert min(outcomes.values()) > 10


# A local minimum of Problem (1) on six points, up to rounding, that violates the mirror image of
# Proposition A.4: N = 1.8 on the observation left of the first −1, and the only kink between them
# looks right.
LOCAL_MINIMUM = ReluNet(
    [-7.68402495666336, 6.370128123048017, -4.622457620970034, 6.987524186101454],
    [6.940806886250959, -5.581607601723182, -3.6536600816568825, 6.487753333792193],
    [-3.2968832709692055, 3.0698841809477506, 2.831586563284084, -2.5951013335168773],
)


def test_local_minima_that_violate_proposition_a4_admit_no_move():
    sample = Sample([0.225, 0.25, 0.4, 0.475, 0.55, 0.775], [1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
    mirror = reflected(LOCAL_MINIMUM, sample)
    (violation,) = structure(*mirror).proposition_a4.violations
    assert violation.value == pytest.approx(1.8, rel=1e-12)
    for segment in (2, 4):
        assert proof_move(LOCAL_MINIMUM, sample, segment) is None
        assert proof_move(*mirror, 5 - segment) is None


def test_segments_and_nets_that_the_proofs_do_not_speak_about():
    net = max_margin(OBSERVATIONS).net
    for segment in (0, 2, 7):
        with pytest.raises(
            ValueError, match="`segment` must be an isolated -1 or the first of two neighbours"
        ):
            proof_move(net, OBSERVATIONS, segment)
    with pytest.raises(ValueError, match="`net` must interpolate"):
        proof_move(ReluNet([1.0], [1.0], [0.0]), OBSERVATIONS, 1)
    with pytest.raises(ValueError, match=r"`step` must lie in \(0, 1\)"):
        proof_move(net, OBSERVATIONS, 1, step=0.0)
    deep = DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])])
    for call in (
        lambda: proof_move(deep, OBSERVATIONS, 1),
        lambda: two_neuron_move(deep, 0, 1, "10", 0.5),
    ):
        with pytest.raises(TypeError, match="`net` must be a ReluNet"):
            call()


def test_without_a_second_neuron_there_is_no_move():
    """Footnote 7: after the isolated −1 no neuron bends downwards."""
    net = through((0, 1 / 4, 5 / 8), (0, 1, -2))
    rising = ReluNet([*net.v, 24.0], [*net.w, 1.0], [*net.b, -0.625])
    assert structure(rising, OBSERVATIONS).proposition_a4.violated > 0
    assert proof_move(rising, OBSERVATIONS, 1) is None
