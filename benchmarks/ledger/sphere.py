"""The rows on nets on the sphere: Theorems 4.1 and 4.3, Remark 4.2, Propositions 4.4 to 4.6."""

from collections.abc import Iterator

import numpy as np

import highdim
from benchmarks.ledger.row import Finding, Outcome, Size, Statement, span
from benchmarks.ledger.sphere_pools import (
    ENTROPY,
    Pool,
    fixed_outputs,
    one_negative,
    trained_outputs,
)
from highdim import StatementReport, TwoLayerNet
from univariate.common.result import Verdict

EPSILON = 1e-3
PLANE_NETS = {Size.TINY: 20, Size.QUICK: 400, Size.FULL: 4000}
ORTHONORMAL = {
    Size.TINY: ((2, 1),),
    Size.QUICK: ((1, 1), (2, 1), (4, 2), (10, 3), (30, 5)),
    Size.FULL: tuple(
        (plus, minus) for plus in (1, 2, 4, 10, 30, 100) for minus in (1, 2, 3, 5, 10)
    ),
}


# Theorems 4.1 and 4.3, Remark 4.2


def theorem_4_1(size: Size) -> Finding:
    """Where the sample-conditional hypotheses hold, and elsewhere."""
    met = one_negative(size)
    others = trained_outputs(size)
    reports = [_report_4_1(pool, k) for pool in (met, others) for k in range(len(pool.points))]
    applies = [one for one in reports if all(hypothesis.holds for hypothesis in one.hypotheses)]
    implied = [one.quantities["c4_high"] for one in reports]
    worst = max((one.conclusion.value for one in applies), default=0.0)
    return Finding(
        "KKT points with ‖θ‖² ≤ (c₄/√p) ‖θ*‖² have L_cl ≤ ε for d ≥ c₃ m² log(m/ε) log(m/δ), with"
        " probability 1 − δ",
        f"with the proof's own conditions in place of the unnamed constants, ε = {EPSILON:g}:"
        " Properties 1 to 3, ‖θ‖² < √(|I₊|/(4‖XXᵀ‖)), and the dimension that its last step"
        " asks for",
        len(applies),
        f"{met.sizes}; not met by {len(reports) - len(applies)} other KKT points",
        Outcome.of(sum(one.verdict is Verdict.FAILS for one in applies)),
        f"L_cl ≤ {worst:.1e} where it applies; √p ‖θ‖²/‖θ*‖² is at most {max(implied):.2f} on all"
        " points",
    )


def _report_4_1(pool: Pool, k: int) -> StatementReport:
    net, sample, certificate = pool.points[k]
    return highdim.theorem_4_1(net, sample, epsilon=EPSILON, certificate=certificate, rng=k)


def remark_4_2(size: Size) -> Finding:
    """Properties 1 and 2 for Gaussian inputs and inputs from the ball."""
    seeds = {Size.TINY: 2, Size.QUICK: 20, Size.FULL: 200}[size]
    sizes = ((20, 600), (50, 1500), (100, 3000))
    broken, norms = 0, []
    for distribution in ("gaussian", "ball"):
        for m, d in sizes:
            for seed in range(seeds):
                sample = highdim.draw_sphere_sample(m, d, 0.1, rng=seed, distribution=distribution)
                found = sample.near_orthogonality(0.05)
                broken += not (
                    found.inner_products.holds and found.gram_norm.holds and found.norms.holds
                )
                norms.append(found.gram_norm.value)
    count = 2 * len(sizes) * seeds
    return Finding(
        "Theorem 4.1 rests on |x_i·x_j| = o(1) and ‖XXᵀ‖ = O(1) whatever m, as Gaussians and balls"
        " give them",
        "corrected: for d ≥ 30 m, |x_i·x_j| as in Property 1, ‖XXᵀ‖ ≤ 3/2 and norms near 1, δ ="
        " 0.05; always ‖XXᵀ‖ ≥ m/d",
        count,
        "m = 20 to 100, d = 30 m",
        Outcome.CORRECTED if broken <= 0.05 * count else Outcome.FAILS,
        f"{broken} of {count} samples miss one of them; ‖XXᵀ‖ ≤ {max(norms):.3f}",
        "gram_norm",
    )


def theorem_4_3(size: Size) -> Finding:
    """Its dimensions are out of reach; its conclusion is tested nevertheless."""
    pool = fixed_outputs(size)
    reports = [
        highdim.theorem_4_3(net, sample, certificate=certificate, rng=k)
        for k, (net, sample, certificate) in enumerate(pool.points)
    ]
    applies = sum(all(one.holds for one in report.hypotheses) for report in reports)
    asked = min(report.quantities["dimension_last"] for report in reports)
    above = sum(report.quantities["bias_sum"] > 0.25 for report in reports)
    good = sum(report.conclusion.holds for report in reports)
    return Finding(
        "With outputs ±1, p ≤ c₁/n² and d ≥ c₃ m⁴n⁴ log(m/ε) log(m²/δ), KKT points have L_cl ≤ ε",
        f"with the proof's constants the hypotheses hold for {applies} of the points: the last step"
        f" asks for d ≥ {asked:.1e} at least, ε = 0.01. Its lemmas have rows of their own",
        len(reports),
        pool.sizes,
        Outcome.OPEN,
        f"all the same N(0) > ¼ at {above} and L_cl ≤ 0.01 at {good} of {len(reports)} KKT points",
    )


# Propositions 4.4 to 4.6


def proposition_4_4(size: Size) -> Finding:
    """Random nets of width two, with data that they classify: their own signs."""
    least, count = 1.0, 0
    for net, rng in _plane_nets(size, widths=(2,)):
        X = rng.standard_normal((6, net.dimension))
        X /= np.linalg.norm(X, axis=1, keepdims=True)
        outputs = net(X)
        if np.min(outputs) < 0.0:
            keep = outputs != 0.0
            sample = highdim.SphereSample(X[keep], np.sign(outputs[keep]))
            report = highdim.proposition_4_4(net, sample)
            least = min(least, report.conclusion.value)
            count = count + 1
    return Finding(
        "Bias-less nets of width 2 that classify data with a label −1 have L_cl ≥ ½",
        "random nets, with data that they classify; L_cl in closed form",
        count,
        "d = 2 to 5",
        Outcome.of(least < 0.5),
        f"the smallest L_cl is {least:.6g}",
    )


def proposition_4_5(size: Size) -> Finding:
    """Random nets whose positive neurons have pairwise inner products ≥ 0, exactly by arcs."""
    broken = 0
    count = 0
    least = np.inf
    for net, _ in _plane_nets(size, widths=(2, 3, 5), dimensions=(2,)):
        positive = net.W[net.v > 0.0]
        if len(positive) and np.min(positive @ positive.T) >= 0.0:
            value = highdim.clean_error(net)
            bound = 0.5 ** len(positive)
            broken += value.high < bound
            least = min(least, value.value / bound)
            count = count + 1
    return Finding(
        "Bias-less nets of width n have L_cl ≥ 2^−n",
        "corrected: L_cl ≥ 2^−|J₊| if neurons with v_j > 0 have pairwise w_j·w_k ≥ 0; random nets,"
        " L_cl by arcs",
        count,
        "d = 2, n = 2 to 5",
        Outcome.FAILS if broken else Outcome.CORRECTED,
        f"L_cl is at least {least:.3g} × 2^−|J₊|; KKT points with L_cl < 2^−n, one as small as"
        " wanted",
        "small_error",
    )


def proposition_4_6(size: Size) -> Finding:
    """The balanced KKT point of orthonormal data."""
    found = [_catastrophic(plus, minus) for plus, minus in ORTHONORMAL[size]]
    broken = sum(
        one.certificate.verdict is not Verdict.HOLDS or one.clean_error.low < 0.5 - 0.5**one.m_minus
        for one in found
    )
    return Finding(
        "Bias-less nets have KKT points with L_cl ≥ ½ − 2^−|I₋| on orthogonal data",
        "the balanced net, v = |I₊|^¼, with its certificate and L_cl by quadrature",
        len(found),
        _pairs(size),
        Outcome.of(broken),
        f"L_cl is {min(one.clean_error.low for one in found):.4f} or more, above ½",
    )


def proof_of_4_6(size: Size) -> Finding:
    """The net as printed."""
    found = [_catastrophic(plus, minus) for plus, minus in ORTHONORMAL[size]]
    printed = sum(one.printed_certificate.verdict is Verdict.HOLDS for one in found)
    good = sum(one.certificate.verdict is Verdict.HOLDS for one in found)
    return Finding(
        "v = 1, w = Σ_{I₊} x_i and v = −1, w = x_i on I₋ are a KKT point with λ = 1",
        "certificates; corrected: v = |I₊|^¼, w = |I₊|^−¼ Σ_{I₊} x_i, λ = |I₊|^−½ on I₊",
        len(found),
        _pairs(size),
        Outcome.CORRECTED if good == len(found) else Outcome.FAILS,
        f"the printed net is one {printed} times, where |I₊| = 1, the balanced one {good} times",
        "unbalanced_output",
    )


def _catastrophic(plus: int, minus: int) -> highdim.CatastrophicKktPoint:
    m = plus + minus
    return highdim.catastrophic_kkt_point(
        highdim.SphereSample(np.eye(m, max(m, 2)), np.where(np.arange(m) < plus, 1.0, -1.0))
    )


def _pairs(size: Size) -> str:
    return ", ".join(
        span(name, (pair[k] for pair in ORTHONORMAL[size]))
        for k, name in enumerate(("|I₊|", "|I₋|"))
    )


def _plane_nets(
    size: Size, *, widths: tuple[int, ...], dimensions: tuple[int, ...] = (2, 3, 5)
) -> Iterator[tuple[TwoLayerNet, np.random.Generator]]:
    """Random bias-less nets, and the generator that drew them."""
    for seed in range(PLANE_NETS[size]):
        rng = np.random.default_rng([ENTROPY + 3, seed])
        n = widths[seed % len(widths)]
        d = dimensions[seed % len(dimensions)]
        yield TwoLayerNet(rng.standard_normal(n), rng.standard_normal((n, d))), rng


SECTION_4 = (
    Statement("Theorem 4.1", theorem_4_1),
    Statement("Remark 4.2", remark_4_2),
    Statement("Theorem 4.3", theorem_4_3),
    Statement("Proposition 4.4", proposition_4_4),
    Statement("Proposition 4.5", proposition_4_5),
    Statement("Proposition 4.6", proposition_4_6),
    Statement("Proposition 4.6, its proof's net", proof_of_4_6),
)
