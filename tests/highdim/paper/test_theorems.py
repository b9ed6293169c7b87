"""Theorems 4.1 and 4.3: every inequality against plain loops, printed forms that fail, and what the
verdicts mean.
"""

import json
from dataclasses import replace
from functools import cache
from math import sqrt

import numpy as np
import pytest
from oracles import theorems as oracle

import highdim
from highdim import SphereSample, ThreeLayerNet, TwoLayerNet
from highdim.error.guarantee import guaranteed
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.paper.theorem_4_1 import theorem_4_1
from highdim.paper.theorem_4_3 import theorem_4_3
from highdim.standing.kkt import kkt_certificate
from highdim.standing.kkt_point import kkt_point
from univariate.common.claim import Kind
from univariate.common.result import Verdict, plain

OPTIONS = {"epsilon": 0.02, "delta": 0.1}


def trained(m=16, d=60, p=0.2, *, width=8, seed=0, bias=True, train_output=True, time=60.0):
    sample = highdim.draw_sphere_sample(m, d, p, rng=seed)
    start = highdim.init_network(width, d, bias=bias, train_output=train_output, rng=seed + 50)
    return (
        highdim.gradient_flow(start, sample, flow_time=time, train_output=train_output).net,
        sample,
    )


@cache
def one_negative(m=130, d=5000, seed=3):
    """A sample with a single label −1, and the KKT point that its split max-margin net leads to."""
    drawn = highdim.draw_sphere_sample(m, d, 0.0, rng=seed)
    y = np.ones(m)
    y[7] = -1.0
    sample = highdim.SphereSample(drawn.X, y, 1.0 / m)
    return kkt_point(optimum_bounds(sample).net, sample).net, sample


def case_of(net, sample, certificate, p):
    scale = certificate.scale
    b = np.zeros(len(net.v)) if net.b is None else net.b / scale
    v = net.v / scale if certificate.train_output else net.v
    return oracle.Case(
        v, net.W / scale, b, sample.X, sample.y, 0.02, 0.1, p, certificate.multipliers
    )


def given(net, certificate, error):
    return {
        "accuracy": certificate.accuracy,
        "tolerance": certificate.tolerance,
        "margin": certificate.worst_margin,
        "error": error.value,
        "biased": float(net.b is not None),
    }


def assert_same(report, sides):
    seen = set()
    for one in (*report.hypotheses, *report.steps, report.conclusion):
        left, right = sides[one.claim]
        assert one.value == pytest.approx(left, rel=1e-7, abs=1e-9), one.claim
        assert one.threshold == pytest.approx(right, rel=2e-6, abs=1e-12), one.claim
        decided = {
            "≤": left <= one.threshold,
            "<": left < right,
            "≥": left >= one.threshold,
            ">": left > right,
        }
        if (
            one.verdict is not Verdict.UNDECIDED
            and "KKT" not in one.claim
            and abs(left - right) > 1e-9 * abs(right)
        ):
            assert one.holds == decided[one.relation] or one.claim.startswith("‖θ*‖²"), one.claim
        seen.add(one.claim)
    return seen


def limit():
    sample = highdim.draw_sphere_sample(12, 4000, 0.25, rng=1)
    plus = int(np.sum(sample.y > 0.0))
    return highdim.orthogonal_limit(plus, 12 - plus).net(sample.X, sample.y), sample


NETS = {
    "trained": trained,
    "wide": lambda: trained(width=40, seed=2),
    "one label": lambda: trained(p=0.0),
    "no biases": lambda: trained(bias=False, seed=5),
    "many dimensions": lambda: trained(m=10, d=900, p=0.3, seed=2),
    "split": lambda: one_negative(40, 900),
    "limit": limit,
}


@pytest.mark.parametrize("name", NETS)
def test_every_inequality_of_theorem_4_1(name):
    net, sample = NETS[name]()
    error = highdim.clean_error(net, rng=0, precision=0.05)
    certificate, bounds = (
        kkt_certificate(net, sample),
        optimum_bounds(sample, [net], bias=net.b is not None),
    )
    report = theorem_4_1(
        net, sample, certificate=certificate, bounds=bounds, error=error, **OPTIONS
    )
    case = case_of(net, sample, certificate, sample.p)
    seen = assert_same(
        report, oracle.theorem_4_1(case, given(net, certificate, error) | {"lower": bounds.lower})
    )
    assert len(seen) == len(report.hypotheses) + len(report.steps) + 1
    assert report.quantities["norm_squared"] == pytest.approx(case.norm_squared(), rel=1e-9)
    assert report.quantities["c4_low"] <= report.quantities["c4_high"]
    assert bounds.lower <= case.norm_squared() * (1.0 + 1e-9)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_every_inequality_of_theorem_4_3(seed, bias):
    net, sample = trained(width=6, seed=seed, bias=bias, train_output=False)
    error = highdim.clean_error(net, rng=0, precision=0.05)
    certificate = kkt_certificate(net, sample, train_output=False)
    report = theorem_4_3(net, sample, certificate=certificate, error=error, **OPTIONS)
    case = case_of(net, sample, certificate, sample.p)
    seen = assert_same(report, oracle.theorem_4_3(case, given(net, certificate, error)))
    assert len(seen) == len(report.hypotheses) + len(report.steps) + 1


def test_a_sample_on_which_theorem_4_1_applies():
    net, sample = one_negative()
    report = theorem_4_1(net, sample, epsilon=1e-3)
    assert [one.claim for one in report.hypotheses if not one.holds] == []
    assert report.verdict is Verdict.HOLDS
    assert report.quantities["epsilon_proof"] <= 1e-3
    assert report.quantities["epsilon_levy"] <= report.quantities["epsilon_proof"]
    assert report.quantities["clean_error"] <= report.quantities["epsilon_levy"]
    assert report.quantities["bias_sum"] > 0.5


def fails(report, source, form="printed"):
    found = [one for one in report.steps if (one.source, one.form) == (source, form)]
    assert found
    return [one.claim for one in found if one.verdict is Verdict.FAILS]


def test_printed_forms_fail_where_corrected_ones_hold():
    net, sample = one_negative(40, 900)
    report = theorem_4_1(net, sample)
    assert fails(report, "Eq. (16)")
    assert not fails(report, "Eq. (16)", "corrected")
    assert any("‖α_j‖ t" in claim for claim in fails(report, "Theorem 4.1"))
    assert not fails(report, "Theorem 4.1", "corrected")
    small = theorem_4_1(*trained(bias=False, seed=5))
    assert fails(small, "Lemma B.2") == ["½ ≤ N(x_i) − N(0), i ∈ [m]"]
    assert not fails(small, "Lemma B.2", "corrected")
    fixed = theorem_4_3(*trained(width=6, train_output=False))
    assert fails(fixed, "Lemma B.8") == ["2m²n² √(2 log(2m²/δ)/d) ≤ ½ at d = 16 m⁴n⁴ log(2m²/δ)"]
    assert not fails(fixed, "Lemma B.8", "corrected")


def test_the_sum_of_coefficients_is_attained():
    """The step printed with ‖α_j‖: an x with |x_i·x| ≤ t for all data and w_j·x = ‖w_j‖ t Σ_i
    |α_ij|.
    """
    net, sample = one_negative(40, 900)
    w = net.W[0] / np.linalg.norm(net.W[0])
    alpha = np.linalg.lstsq(sample.X.T, w, rcond=None)[0]
    t = 0.02
    x = sample.X.T @ np.linalg.solve(sample.gram, t * np.sign(alpha))
    assert np.linalg.norm(x) < 1.0  # the rest of a unit vector is orthogonal to the data
    assert np.abs(sample.X @ x).max() <= t * (1.0 + 1e-9)
    assert w @ x == pytest.approx(t * np.abs(alpha).sum())
    assert w @ x > 2.0 * t * np.linalg.norm(alpha)


@pytest.mark.parametrize("seed", range(6))
def test_bounds_on_the_clean_error_hold(seed):
    """Lévy's and the union bound are above the error of a linear rule, and not vacuous where it is
    rare.
    """
    sample = highdim.draw_sphere_sample(4, 400, 0.0, rng=seed)
    w = sample.X.T @ np.abs(np.random.default_rng(seed).standard_normal(4))
    w, root = w / np.linalg.norm(w), sqrt(0.12 + 0.04 * seed)
    net = TwoLayerNet([1.0, -1.0, root], [w, -w, 0.0 * w], [0.0, 0.0, root])  # N = w·x + root²
    error = highdim.clean_error(net, rng=seed)
    found = theorem_4_1(net, sample, error=error).quantities
    assert error.low > 0.0
    assert error.high <= found["epsilon_levy"]
    assert error.high <= found["epsilon_proof"]
    assert seed < 3 or found["epsilon_levy"] < 0.5


def test_a_net_that_does_not_interpolate_is_told_so():
    sample = highdim.draw_sphere_sample(20, 30, 0.3, rng=0)
    net = highdim.init_network(10, 30, rng=0)
    for report in (theorem_4_1(net, sample), theorem_4_3(net, sample)):
        assert report.verdict is Verdict.UNDECIDED
        assert "does not apply" in report.reason
        assert report.steps == ()


def test_lemmas_beyond_their_dimension_are_not_refuted():
    net, sample = trained(width=6, train_output=False)
    report = theorem_4_3(net, sample)
    lemmas = [
        one
        for one in report.steps
        if one.source in ("Lemma B.5", "Lemma B.7", "Lemma B.8", "Lemma B.9")
    ]
    assert all(one.verdict is not Verdict.FAILS for one in lemmas if "d = 16" not in one.claim)
    assert any("not so here" in one.reason for one in lemmas)
    assert report.quantities["dimension_b5"] == pytest.approx(8 * 16**4 * np.log(2 * 16**2 / 0.05))


def test_reports_are_json():
    net, sample = trained()
    for report in (theorem_4_1(net, sample), theorem_4_3(net, sample)):
        json.dumps(plain(report.to_dict()), allow_nan=False)
        assert repr(report)


def test_same_seed_same_report():
    net, sample = trained()
    assert theorem_4_1(net, sample, rng=1) == theorem_4_1(net, sample, rng=1)


def test_bad_input():
    net, sample = trained()
    deep = ThreeLayerNet([1.0], [[1.0]], None, np.ones((1, 60)), None)
    for theorem in (theorem_4_1, theorem_4_3):
        with pytest.raises(TypeError, match="`net` must be a TwoLayerNet"):
            theorem(deep, sample)
        with pytest.raises(TypeError, match="`sample` must be"):
            theorem(net, (sample.X, sample.y))
        with pytest.raises(ValueError, match="`net` must have the dimension"):
            theorem(highdim.init_network(3, 5, rng=0), sample)
        with pytest.raises(ValueError, match="`epsilon` must lie in"):
            theorem(net, sample, epsilon=0.0)
    with pytest.raises(ValueError, match="`certificate` must be one for fixed outputs"):
        theorem_4_3(net, sample, certificate=kkt_certificate(net, sample))


def test_dimension_asked_for_is_enough():
    """At the dimension for ε the union bound is ε."""
    net, sample = one_negative(40, 900)
    found = theorem_4_1(net, sample, epsilon=0.05).quantities
    t = found["bias_sum"] / found["reach"]
    assert 2 * 40 * np.exp(-0.5 * found["dimension_for_epsilon"] * t**2) == pytest.approx(0.05)
    assert sqrt(found["c1"]) * found["norm_squared"] / found["optimum_high"] == pytest.approx(
        found["c4_low"]
    )


# No verdict is stronger than its weakest hypothesis


@pytest.mark.parametrize("theorem", [theorem_4_1, theorem_4_3])
def test_a_net_that_may_not_interpolate_refutes_nothing(theorem):
    X = np.eye(4, 8)
    w = X.sum(axis=0)
    other = w.copy()
    other[5] = 5.0
    net = TwoLayerNet([1.0, -1.0], [w * (1.0 + 2.0**-52), other], [0.0, 0.0])
    report = theorem(net, highdim.SphereSample(X, np.ones(4)))
    assert report.verdict is Verdict.UNDECIDED
    kinds = {one.kind for one in report.missing}
    assert {Kind.INTERPOLATION, Kind.STANDING} & kinds
    assert Kind.STANDING in {one.kind for one in report.hypotheses}


@pytest.mark.parametrize("theorem", [theorem_4_1, theorem_4_3])
def test_data_off_the_sphere_and_too_much_noise_are_missing_hypotheses(theorem):
    far = highdim.SphereSample.from_arrays(20.0 * np.eye(8, 400), np.array([1.0] * 7 + [-1.0]))
    start = highdim.init_network(4, 400, bias=True, train_output=theorem is theorem_4_1, rng=0)
    report = theorem(start, far)
    named = {one.claim: one for one in report.hypotheses}
    assert named["x_i on the unit sphere: max |‖x_i‖ − 1|"].verdict is Verdict.FAILS
    near = highdim.SphereSample(np.eye(8, 400), np.array([-1.0] * 7 + [1.0]))
    report = theorem(start, near)
    named = {one.claim: one for one in report.hypotheses}
    assert named["x_i on the unit sphere: max |‖x_i‖ − 1|"].holds
    assert named["p ≤ ½"].verdict is Verdict.FAILS
    assert report.verdict is Verdict.UNDECIDED


def test_the_bound_of_the_proof_knows_how_long_the_data_are():
    net, sample = one_negative(40, 900)
    unit = theorem_4_1(net, sample).quantities
    for length in (3.0, 20.0):
        longer = highdim.SphereSample(length * sample.X, sample.y, sample.p)
        same = TwoLayerNet(net.v, net.W / length, net.b)
        found = theorem_4_1(same, longer).quantities
        # N(length · x) is as before, so N on the unit sphere is nearer to N(0)
        assert found["reach"] == pytest.approx(unit["reach"] / length, rel=1e-6)


def test_a_certificate_of_the_other_kind_is_refused():
    net, sample = trained()
    fixed = kkt_certificate(net, sample, train_output=False)
    with pytest.raises(ValueError, match="trained outputs, got one for fixed outputs"):
        theorem_4_1(net, sample, certificate=fixed)
    with pytest.raises(ValueError, match="fixed outputs, got one for trained outputs"):
        theorem_4_3(net, sample, certificate=kkt_certificate(net, sample))


def test_only_guaranteed_intervals_decide():
    net, sample = trained()
    error = highdim.clean_error(net, rng=0, method="lines", samples=256)
    wrong = replace(error, value=0.9, low=0.89, high=0.91)  # as if the errors had been missed
    report = theorem_4_1(net, sample, error=wrong, epsilon=0.6)
    assert report.conclusion.verdict is Verdict.UNDECIDED
    assert all(
        one.verdict is not Verdict.FAILS for one in report.steps if one.kind is Kind.CLEAN_ERROR
    )
    points = highdim.clean_error(net, rng=0, method="points")
    kept = guaranteed(net, points, np.random.default_rng(0))
    assert kept == points


def test_what_was_computed_for_others_is_refused():
    """With the results of others a net would be refuted, or hold where its own say nothing."""
    net, sample = one_negative()
    known = highdim.clean_error(net, rng=0)
    assert theorem_4_1(net, sample, error=known).verdict is Verdict.HOLDS
    nothing = TwoLayerNet([-1.0], np.zeros((1, sample.dimension)), [1.0])
    foreign = highdim.clean_error(nothing, method="points", rng=0)
    with pytest.raises(ValueError, match="`error` must belong to this net"):
        theorem_4_1(net, sample, error=foreign)
    noise = 1.0 + 1e-3 * np.random.default_rng(0).standard_normal((net.width, 1))
    moved = TwoLayerNet(net.v, net.W * noise, net.b)
    certificate = kkt_certificate(net, sample)
    with pytest.raises(ValueError, match="`certificate` must belong to this net and sample"):
        theorem_4_1(moved, sample, certificate=certificate)
    fixed = kkt_certificate(net, sample, train_output=False)
    with pytest.raises(ValueError, match="`certificate` must belong"):
        theorem_4_3(moved, sample, certificate=fixed)
    other = highdim.SphereSample(sample.X, -sample.y)
    for bounds in (optimum_bounds(other), optimum_bounds(sample, bias=False)):
        with pytest.raises(ValueError, match="`bounds` must belong to this sample"):
            theorem_4_1(net, sample, bounds=bounds, error=known)


def test_what_was_computed_for_the_net_is_taken():
    net, sample = trained()
    known = {
        "error": highdim.clean_error(net, rng=0),
        "certificate": kkt_certificate(net, sample),
        "bounds": optimum_bounds(sample, [net]),
    }
    same = TwoLayerNet(net.v.copy(), net.W.copy(), net.b.copy())  # by value, not by name
    found = theorem_4_1(same, sample, **known)
    assert found.quantities["clean_error"] == known["error"].value
    assert found.quantities["optimum_low"] == known["bounds"].lower


# ---------------------------------------------------------------- the ends of the doubles


EXTREMES = [1e-320, 1e-200, 1e-160, 1e160, 1e300]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", EXTREMES)
@pytest.mark.parametrize("which", ["W", "v", "all"])
@pytest.mark.parametrize("theorem", [theorem_4_1, theorem_4_3])
def test_no_scale_of_a_net_makes_an_exception_or_a_nan(theorem, which, scale):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        d, n = (3, 2) if seed % 2 else (5, 4)
        X = np.eye(d)[:2]
        W, v, b = rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal(n)
        # interpolates
        W[0], v[0], b[0], W[1], v[1], b[1] = X[0] - X[1], 1.0, 0.0, X[1] - X[0], -1.0, 0.0
        v[2:] = 0.0
        net = TwoLayerNet(
            v if which == "W" else scale * v,
            W if which == "v" else scale * W,
            b if which == "v" else scale * b,
        )
        report = theorem(net, SphereSample(X, [1.0, -1.0]), rng=0)
        numbers = [*report.quantities.values()]
        numbers += [
            one.value for one in (*report.hypotheses, *report.steps) if one.value is not None
        ]
        assert not np.any(np.isnan(numbers))
        assert report.verdict is Verdict.UNDECIDED


@pytest.mark.filterwarnings("error")
def test_data_at_the_origin_and_tiny_weights_are_no_division_by_zero():
    origin = SphereSample([[0.0, 0.0]], [1])
    assert (
        theorem_4_1(TwoLayerNet([1.0], [[1.0, 0.0]], [1.0]), origin, rng=0).verdict
        is Verdict.UNDECIDED
    )
    sample = SphereSample([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [1, 1])
    net = TwoLayerNet([1.0], [[1e-170, 0.0, 0.0]], [1.0])
    for theorem in (theorem_4_1, theorem_4_3):
        assert theorem(net, sample, rng=0).quantities["epsilon_levy"] == 0.0
