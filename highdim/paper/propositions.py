"""Propositions 4.4–4.6 on given nets and samples: what bias-less nets cannot do, and what they can.

Corrected against print: Proposition 4.5 is false, even for KKT points, because its proof multiplies
probabilities of half-spaces that need not overlap; it holds where input weights of neurons with v_j
> 0 have pairwise non-negative inner products, and with their number in place of n. The net in the
proof of Proposition 4.6 is not a KKT point if there are several +1 points; balanced, it is, and its
clean error exceeds ½. Proposition 4.4 holds as printed.
"""

from typing import Any

import numpy as np

from highdim.error.clean_error import clean_error
from highdim.paper.catastrophic import CatastrophicKktPoint, catastrophic_kkt_point
from highdim.paper.checks import (
    FIVE,
    FOUR,
    SIX,
    acute,
    at_least,
    clean_error_quantities,
    fits,
    half_space,
    included,
    power,
    provided,
    report,
    state,
    without_biases,
)
from highdim.paper.counterexamples import (
    RATIONAL_COUNTEREXAMPLES,
    RationalCounterexample,
    SmallErrorNet,
    proposition_4_5_counterexample,
)
from highdim.paper.orthants import LEVEL, orthant_probability
from highdim.paper.plane import (
    decisive_clean_error,
    live_neurons,
    require_two_layers,
    width_two_clean_error,
)
from highdim.problem.network import Network, TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.standing.door import require_shallow
from highdim.standing.kkt import KktCertificate, kkt_certificate
from univariate.common.check import generator
from univariate.common.claim import Claim, decide
from univariate.common.tolerance import KKT_TOLERANCE

__all__ = [
    "RATIONAL_COUNTEREXAMPLES",
    "RationalCounterexample",
    "SmallErrorNet",
    "proposition_4_4",
    "proposition_4_5",
    "proposition_4_5_counterexample",
    "proposition_4_6",
    "width_two_clean_error",
]


def proposition_4_4(net: Network, sample: SphereSample, *, rng: Any = 0) -> StatementReport:
    """Evaluate Proposition 4.4: L_cl ≥ ½ for a bias-less net of width two that fits a sample with a
    label −1.

    Parameters
    ----------
    net : TwoLayerNet
        In dimension d ≥ 2. Biases, other widths and misfits make hypotheses fail.
    sample : SphereSample
        Of the net's dimension.
    rng : int or numpy.random.Generator
        For the clean error of nets that have biases or more than two live neurons.

    Raises
    ------
    TypeError, ValueError
        Three layers, no sample, dimensions that do not match, or d = 1.

    Without biases and for up to two live neurons L_cl is exact, see `width_two_clean_error`, and so
    is the verdict. A net of one neuron counts as one of two. Cost O(m d), and that of the clean
    error.
    """
    net = require_shallow(net, sample)
    require_two_layers(net)
    error = decisive_clean_error(net, rng)
    negatives = float(np.sum(sample.y < 0.0))
    hypotheses = (
        without_biases(FOUR, net),
        decide(FOUR, "n ≤ 2", net.width, "≤", 2.0),
        fits(FOUR, net, sample),
        decide(FOUR, "some label is −1", negatives, "≥", 1.0),
    )
    conclusion = at_least(FOUR, "L_cl ≥ ½", error, 0.5)
    quantities = {
        "width": float(net.width),
        "negatives": negatives,
        **clean_error_quantities(error),
    }
    return report(FOUR, hypotheses, half_space(net), conclusion, quantities, net)


def proposition_4_5(net: Network, *, rng: Any = 0) -> StatementReport:
    """Evaluate Proposition 4.5, L_cl ≥ 2^−n for bias-less nets of width n, which is false, and its
    corrected form.

    With J₊ = {j : v_j > 0}, and w_i·w_j ≥ 0 for all i ≠ j in J₊, L_cl ≥ Pr[w_j·x ≤ 0 for all j ∈
    J₊] ≥ 2^−|J₊|: the probability of an orthant grows with the correlations (Slepian). The
    conclusion is the printed form; hypothesis and bound of the corrected one are among the steps.

    Parameters
    ----------
    net : TwoLayerNet
        In dimension d ≥ 2. Biases make the hypothesis fail.
    rng : int or numpy.random.Generator
        For clean errors and probabilities without a closed form.

    Raises
    ------
    TypeError, ValueError
        Three layers, or d = 1.

    Enclosed where there are closed forms. The probability has one for up to three neurons in J₊,
    for classes of up to three that are orthogonal to one another, and for d = 2; L_cl for d = 2,
    for up to two live neurons, and where no v_j is negative. Otherwise sampled, with intervals at
    confidence 1 − 1e-6, and a bound within them is UNDECIDED. Cost O(n² d), and that of the clean
    errors.
    """
    require_two_layers(net)
    assert isinstance(net, TwoLayerNet)
    rng = generator(rng)
    positive = net.v > 0.0
    W, count = net.W[positive & live_neurons(net)], int(np.sum(positive))
    error, off = decisive_clean_error(net, rng), orthant_probability(W, rng=rng)
    cosines = acute(W)
    hypotheses = (without_biases(FIVE, net),)
    corrected = provided(
        at_least(FIVE, "L_cl ≥ 2^−|J₊|", error, power(count), "corrected"), (*hypotheses, cosines)
    )
    steps = (
        included(error, off),
        at_least(FIVE, "Pr[w_j·x < 0 for all j ∈ J₊] ≥ 2^−|J₊|", off, power(count)),
        cosines,
        corrected,
    )
    conclusion = at_least(FIVE, "L_cl ≥ 2^−n", error, power(net.width))
    quantities = {
        "width": float(net.width),
        "positive": float(count),
        "orthant": off.value,
        "orthant_low": off.low,
        "orthant_high": off.high,
        **clean_error_quantities(error),
    }
    more = (
        f"; of the corrected form, {cosines.claim} {state(cosines)}, {corrected.claim}"
        f" {state(corrected)}"
    )
    return report(FIVE, hypotheses, steps, conclusion, quantities, net, more)


def proposition_4_6(sample: SphereSample, *, rng: Any = 0) -> StatementReport:
    """Evaluate Proposition 4.6: orthonormal data have a bias-less KKT point with L_cl ≥ ½ −
    2^−|I₋|.

    Parameters
    ----------
    sample : SphereSample
        Unit vectors in dimension d ≥ 2; the hypothesis is that they are orthogonal up to 1e-9.
    rng : int or numpy.random.Generator
        For a sampled clean error beside the computed one.

    Raises
    ------
    TypeError, ValueError
        As `catastrophic_kkt_point`.

    Among the steps: the paper's net is stationary in v only if |I₊| ≤ 1, and a KKT point only then,
    or where output weights are fixed; the balanced net always is; L_cl > ½ for it if there is a −1
    point; and an independent sample of L_cl agrees, at confidence 1 − 1e-6. The verdict rests on
    the balanced net. Cost O(m² d), three KKT certificates, and a sampled clean error.
    """
    rng = generator(rng)
    found = catastrophic_kkt_point(sample, rng=rng)
    hypotheses = (
        decide(SIX, "x_i·x_j = 0 for i ≠ j, |x_i| = 1", found.defect, "≤", KKT_TOLERANCE),
    )
    balanced = _stationary("the balanced net is a KKT point", found.certificate, "corrected")
    conclusion = at_least(SIX, "L_cl ≥ ½ − 2^−|I₋|", found.clean_error, 0.5 - power(found.m_minus))
    # without a KKT point nothing is shown, and nothing refuted
    conclusion = provided(conclusion, (balanced,))
    steps = (*_as_printed(found, sample), balanced, *_quadrature(found, rng))
    quantities = {
        "m_plus": float(found.m_plus),
        "m_minus": float(found.m_minus),
        "defect": found.defect,
        "stationarity": found.certificate.stationarity,
        "printed_stationarity": found.printed_certificate.stationarity,
        **clean_error_quantities(found.clean_error),
    }
    more = f"; the certificate of the paper's own net is {found.printed_certificate.verdict.value}"
    return report(SIX, hypotheses, steps, conclusion, quantities, found.net, more)


def _stationary(claim: str, found: KktCertificate, form: str) -> Claim:
    return Claim(
        SIX, claim, found.accuracy, "≤", found.tolerance, form, found.verdict, found.reason
    )


def _as_printed(found: CatastrophicKktPoint, sample: SphereSample) -> tuple[Claim, ...]:
    """What the proof says about its own weights."""
    net = found.printed_net
    residual = 0.0
    if found.m_plus:  # v_{k+1} = 1 against Σ_{I₊} λ_i σ(w_{k+1}·x_i), λ = 1
        residual = abs(1.0 - float(np.maximum(sample.X[sample.y > 0.0] @ net.W[-1], 0.0).sum()))
    fixed = kkt_certificate(net, sample, train_output=False)
    return (
        decide(SIX, "|v − Σ_{I₊} λ_i σ(w·x_i)| ≤ 0 with λ_i = 1", residual, "≤", KKT_TOLERANCE),
        _stationary("the paper's net is a KKT point", found.printed_certificate, "printed"),
        _stationary("the paper's net is a KKT point where v is fixed", fixed, "computed"),
    )


def _quadrature(found: CatastrophicKktPoint, rng: np.random.Generator) -> tuple[Claim, ...]:
    """L_cl > ½ with a −1 point, and an independent sample of L_cl."""
    exact, sampled = found.clean_error, clean_error(found.net, rng=rng, level=LEVEL)
    apart = max(sampled.low - exact.high, exact.low - sampled.high)
    checks = [decide(SIX, "distance of L_cl from a sampled interval", apart, "≤", 0.0, "computed")]
    if found.m_minus:
        value, low, high = exact.value, exact.low, exact.high
        checks.insert(0, decide(SIX, "L_cl > ½", value, ">", 0.5, "corrected", low=low, high=high))
    return tuple(checks)
