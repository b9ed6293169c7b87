"""Theorems 3.1 and 3.2: bounds by brute force, hypotheses, verdicts."""

import itertools
import json
from dataclasses import replace

import cases
import numpy as np
import pytest
from scipy import stats

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Verdict,
    certify,
    clean_error,
    draw_sample,
    max_margin,
    structure,
    theorem_3_1,
    theorem_3_2,
)
from univariate.common.claim import Kind
from univariate.paper.patterns import (
    attribution,
    isolated_negative_bound,
    negative_block_bound,
    positive_pair_bound,
)
from univariate.problem.fitted import ShallowFitted


def unit(x):
    return np.clip(x, 0.0, 1.0)


def least_cover_by_search(gaps):
    """Cheapest set of gaps that meets every four consecutive ones, by trying all sets."""
    indices = range(len(gaps))
    windows = [set(range(i, i + 4)) for i in range(len(gaps) - 3)]
    sets = itertools.chain.from_iterable(
        itertools.combinations(indices, size) for size in range(len(gaps) + 1)
    )
    return min(
        sum(gaps[i] for i in chosen)
        for chosen in sets
        if all(set(chosen) & window for window in windows)
    )


@pytest.mark.parametrize("run", [4, 5, 6, 9, 13])
def test_block_bound_against_all_subsets(run):
    rng = np.random.default_rng(run)
    x = np.sort(rng.random(run + 4))
    y = np.array([1.0, 1.0] + [-1.0] * run + [1.0, 1.0])
    gaps = np.diff(x)[2 : 2 + run - 1]
    expected = least_cover_by_search(gaps) if run >= 5 else 0.0
    assert negative_block_bound(Sample(x, y), 0.3, unit).realised == pytest.approx(
        expected, abs=1e-15
    )


def test_block_bound_is_at_least_the_sum_over_disjoint_blocks():
    sample = draw_sample(400, 0.7, rng=0)
    total = 0.0
    for start in range(0, 400, 5):
        if np.all(sample.y[start : start + 5] < 0.0):
            total += np.diff(sample.x[start : start + 5]).min()
    assert negative_block_bound(sample, 0.7, unit).realised >= total > 0.0


def test_expected_bounds_are_means_over_labels():
    """All 2⁷ labellings of seven inputs, weighted."""
    x, p = np.array([0.05, 0.1, 0.3, 0.35, 0.6, 0.8, 0.9]), 0.3
    isolated = pair = block = 0.0
    for labels in itertools.product([1.0, -1.0], repeat=7):
        y = np.array(labels)
        weight = p ** np.sum(y < 0) * (1.0 - p) ** np.sum(y > 0)
        sample = Sample(x, y)
        isolated += weight * isolated_negative_bound(sample, p, unit).realised
        pair += weight * positive_pair_bound(sample, p, unit).realised
        block += weight * (np.diff(x[:5]).min() if np.all(y[:5] < 0) else 0.0)
    sample = Sample(x, np.ones(7))
    assert isolated_negative_bound(sample, p, unit).expected == pytest.approx(isolated, abs=1e-15)
    assert positive_pair_bound(sample, p, unit).expected == pytest.approx(pair, abs=1e-15)
    assert negative_block_bound(sample, p, unit).expected == pytest.approx(block, abs=1e-15)


def test_attribution_by_a_fine_grid():
    rng = np.random.default_rng(1)
    sample = draw_sample(25, 0.4, rng=2)
    net = ReluNet(*rng.standard_normal((3, 12)))
    found = attribution(sample, clean_error(net).intervals, unit)
    grid = (np.arange(400_000) + 0.5) / 400_000
    cell = np.searchsorted(sample.x, grid)
    wrong = net(grid) <= 0.0
    left = np.concatenate([[0.0], sample.y])[cell]
    right = np.concatenate([sample.y, [0.0]])[cell]
    kinds = {
        "++": (left > 0) & (right > 0),
        "--": (left < 0) & (right < 0),
        "+-": left * right < 0,
        "ends": left * right == 0,
    }
    for name, member in kinds.items():
        assert found[name][0] == pytest.approx(np.mean(member), abs=1e-4)
        assert found[name][1] == pytest.approx(np.mean(member & wrong), abs=1e-4)
    assert sum(error for _, error in found.values()) == pytest.approx(
        clean_error(net).value, abs=1e-12
    )
    assert sum(mass for mass, _ in found.values()) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("theorem", [theorem_3_1, theorem_3_2])
def test_optima_obey_both_theorems(theorem):
    for seed in range(30):
        sample = draw_sample(300, 0.25, rng=seed)
        report = theorem(max_margin(sample).net, sample, 0.05)
        assert all(bound.verdict is Verdict.HOLDS for bound in report.bounds)
        standing = report.hypotheses[-1]
        assert standing.verdict is Verdict.HOLDS
        if all(hypothesis.verdict is Verdict.HOLDS for hypothesis in report.hypotheses):
            assert report.verdict is Verdict.HOLDS
        else:
            assert report.verdict is Verdict.UNDECIDED
        json.dumps(report.to_dict(), allow_nan=False)


def test_constants_make_the_inequalities_equalities():
    sample = draw_sample(1000, 0.2, rng=0)
    report = theorem_3_2(max_margin(sample).net, sample, 0.05, p=0.2)
    rate = np.sqrt(np.log(1000 / 0.05) / 1000)
    assert report.implied_upper * (0.2 + rate) == pytest.approx(report.clean_error.value, rel=1e-12)
    assert report.implied_lower * (0.2 - rate) == pytest.approx(report.clean_error.value, rel=1e-12)
    # 0.2⁵ is below the rate
    assert theorem_3_1(max_margin(sample).net, sample, 0.05, p=0.2).implied_lower is None


def test_other_interpolators_get_no_claim_with_a_reason():
    sample = Sample([0.2, 0.4, 0.6, 0.8], [1.0, -1.0, 1.0, 1.0])
    best = max_margin(sample)
    detour = ReluNet([*best.net.v, 1.0], [*best.net.w, 1.0], [*best.net.b, -0.7])
    report = theorem_3_2(detour, sample)
    assert report.verdict is Verdict.UNDECIDED
    assert report.hypotheses[-1].verdict is Verdict.FAILS
    assert "not even a KKT point" in report.hypotheses[-1].reason
    assert report.standing.level == "feasible"


def test_nets_that_do_not_interpolate_make_no_claim():
    report = theorem_3_1(ReluNet([1.0], [1.0], [0.0]), Sample([0.2, 0.4], [1.0, -1.0]))
    verdicts = {hypothesis.name: hypothesis.verdict for hypothesis in report.hypotheses}
    assert verdicts["interpolates"] is Verdict.FAILS
    assert report.verdict is Verdict.UNDECIDED


def test_deep_nets_are_outside_the_theorems():
    net = DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])])
    report = theorem_3_1(net, Sample([0.2, 0.4], [1.0, 1.0]))
    assert report.standing is None
    assert report.hypotheses[-1].verdict is Verdict.FAILS
    assert report.clean_error.value == 0.0


def test_a_density_reduces_to_the_uniform_case():
    """Mapping inputs by a linear cdf changes nothing but the scale."""
    sample = draw_sample(60, 0.3, rng=7)
    wide = Sample(4.0 * sample.x - 1.0, sample.y)
    density = stats.uniform(-1.0, 4.0)
    first = theorem_3_2(max_margin(sample).net, sample)
    second = theorem_3_2(max_margin(wide).net, wide, density=density)
    assert second.clean_error.value == pytest.approx(first.clean_error.value, abs=1e-10)
    for one, other in zip(first.bounds, second.bounds, strict=True):
        assert one.realised == pytest.approx(other.realised, abs=1e-12)
        assert one.expected == pytest.approx(other.expected, abs=1e-12)


@pytest.mark.parametrize("delta", [0.0, 1.0, -0.1, 5.0])
def test_delta_is_a_probability(delta):
    with pytest.raises(ValueError, match=r"`delta` must lie in \(0, 1\), got"):
        theorem_3_1(ReluNet([1.0], [1.0], [1.0]), Sample([0.5], [1.0]), delta)


def test_inputs_outside_the_domain_void_the_hypothesis():
    sample = Sample([-0.5, 0.5], [1.0, -1.0])
    report = theorem_3_1(max_margin(sample).net, sample)
    assert report.hypotheses[0].verdict is Verdict.FAILS


def test_local_minima_against_proposition_a4_are_covered():
    case = cases.AGAINST_A4
    net, sample = ReluNet(*case.net), Sample([float(t) for t in case.x], case.y)
    report = theorem_3_2(net, sample)
    assert report.standing.level == "local minimum"
    # the gap left of the isolated −1 makes up for the one right of it
    assert report.verdict is Verdict.HOLDS
    assert structure(net, sample).proposition_a4.verdict is Verdict.FAILS


def test_broken_bounds_refute_the_proof_where_its_statement_fails():
    sample = Sample([0.1, 0.2, 0.9], [1.0, -1.0, 1.0])
    # 1, −1, then up to 125
    steep = ReluNet([20.0, -20.0, 200.0], [-1.0, 1.0, 1.0], [0.15, -0.15, -0.2])
    # as if it were certified
    forged = ShallowFitted.of(steep, sample).subject
    standing = replace(certify(max_margin(sample).net, sample), _subject=forged)
    report = theorem_3_2(steep, sample, standing=standing)
    assert report.bounds[0].verdict is Verdict.FAILS
    assert report.verdict is Verdict.FAILS
    assert (report.violation.statement, report.violation.first, report.violation.last) == (
        "Proposition A.4",
        1,
        2,
    )
    assert "Proposition A.4 fails between observations 1 and 2" in report.reason
    assert (
        "the clean error violates «half the gap right of every isolated −1 (Prop. A.4)»"
        in report.reason
    )


# What comes from outside


@pytest.mark.parametrize(
    ("labels", "p", "possible"),
    [
        ([1, -1, 1], 0.0, False),
        ([1, 1, 1], 0.0, True),
        ([1, -1, 1], 1.0, False),
        ([-1, -1, -1], 1.0, True),
        ([1, -1, 1], 0.01, True),
        ([-1, 1] * 30, 0.01, False),
        ([-1, 1] * 30, 0.4, True),
    ],
)
def test_labels_refute_a_noise_level_that_was_given(labels, p, possible):
    sample = Sample((np.arange(len(labels)) + 0.5) / len(labels), np.array(labels, dtype=float))
    net = max_margin(sample).net
    for theorem in (theorem_3_1, theorem_3_2):
        report = theorem(net, sample, p=p)
        found = next(one for one in report.hypotheses if "noise level given" in one.claim)
        assert found.verdict is Verdict.of(possible)
        assert possible or report.verdict is Verdict.UNDECIDED
        assert not any("given" in one.claim for one in theorem(net, sample).hypotheses)


def test_the_standing_of_another_net_is_refused():
    sample = Sample([0.25, 0.75], [1.0, -1.0])
    other = Sample([0.25, 0.75], [1.0, 1.0])
    best = max_margin(sample).net
    standing = certify(best, sample)
    wider = ReluNet(np.append(best.v, 1.0), np.append(best.w, 1.0), np.append(best.b, 0.0))
    assert theorem_3_1(best, sample, standing=standing).verdict is not None
    for theorem in (theorem_3_1, theorem_3_2):
        with pytest.raises(ValueError, match="`standing` must belong"):
            theorem(wider, sample, standing=standing)
        with pytest.raises(ValueError, match="`standing` must belong"):
            theorem(best, sample, standing=certify(max_margin(other).net, other))


def test_the_clean_error_of_another_net_is_refused():
    sample = Sample([0.25, 0.75], [1.0, -1.0])
    best = max_margin(sample).net
    assert theorem_3_1(best, sample, error=clean_error(best)).clean_error == clean_error(best)
    law = stats.beta(2, 5)
    for wrong in (clean_error(ReluNet([1.0], [0.0], [1.0])), clean_error(best, density=law)):
        for theorem in (theorem_3_1, theorem_3_2):
            with pytest.raises(ValueError, match="`error` must be the clean error of `net`"):
                theorem(best, sample, error=wrong)


@pytest.mark.parametrize("p", [None, 0.5])
def test_theorem_3_2_is_printed_for_p_below_one_half(p):
    """Theorem 3.1 is about p in [0, 1/2], Theorem 3.2 about p in [0, 1/2)."""
    sample = Sample(np.linspace(0.02, 0.98, 40), np.tile([1.0, 1.0, -1.0, -1.0], 10))
    net = max_margin(sample).net
    first, second = theorem_3_1(net, sample, p=p), theorem_3_2(net, sample, p=p)
    rows = [
        next(one for one in report.hypotheses if one.kind is Kind.NOISE)
        for report in (first, second)
    ]
    assert [(one.claim, one.relation, one.verdict.name) for one in rows] == [
        ("p ≤ 1/2", "≤", "HOLDS"),
        ("p < 1/2", "<", "FAILS"),
    ]
    assert "its proof asks for p ≤ 1/2 alone" in rows[1].reason
    assert (first.verdict, second.verdict) == (Verdict.HOLDS, Verdict.UNDECIDED)
    assert "for want of: p < 1/2 (FAILS)" in second.reason
    assert "obeys the realised bounds. The theorem is printed for p < 1/2" in second.reason
    for report in (theorem_3_1(net, sample, p=0.45), theorem_3_2(net, sample, p=0.45)):
        assert report.verdict is Verdict.HOLDS
