"""Propositions 4.4–4.6 on given nets and samples: what bias-less nets cannot do, and what they can.

Corrected against print: Proposition 4.5 is false, even for KKT points, because its proof multiplies
probabilities of half-spaces that need not overlap; it holds where input weights of neurons with v_j
> 0 have pairwise non-negative inner products, and with their number in place of n. The net in the
proof of Proposition 4.6 is not a KKT point if there are several +1 points; balanced, it is, and its
clean error exceeds ½. Proposition 4.4 holds as printed.
"""

from functools import partial
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
    certified,
    clean_error_quantities,
    fits,
    half_space,
    included,
    law_of_x,
    power,
    provided,
    report,
    without_biases,
)
from highdim.paper.orthants import LEVEL, orthant_probability
from highdim.paper.plane import decisive_clean_error, live_neurons, require_two_layers
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample, require_positive_truth
from highdim.problem.statement import StatementReport, state
from highdim.standing.arguments import require_shallow
from highdim.standing.kkt import kkt_certificate
from univariate.common.check import generator
from univariate.common.claim import Claim, Kind, decide
from univariate.common.tolerance import KKT_TOLERANCE


def proposition_4_4(net: Network, sample: SphereSample, *, rng: Any = 0) -> StatementReport:
    """Evaluate Proposition 4.4: L_cl ≥ ½ for bias-less nets of width two that fit a label −1.

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
    net = require_two_layers(require_shallow(net, sample))
    require_positive_truth(sample)
    error = decisive_clean_error(net, rng)
    negatives = float(np.sum(sample.y < 0.0))
    hypotheses = (
        without_biases(FOUR, net),
        decide(FOUR, "n ≤ 2", net.width, "≤", 2.0, kind=Kind.ARCHITECTURE),
        fits(FOUR, net, sample),
        decide(FOUR, "some label is −1", negatives, "≥", 1.0, kind=Kind.SAMPLE),
        *law_of_x(FOUR, sample),
    )
    conclusion = at_least(FOUR, "L_cl ≥ ½", error, 0.5)
    quantities = {
        "width": float(net.width),
        "negatives": negatives,
        **clean_error_quantities(error),
    }
    return report(FOUR, hypotheses, half_space(net), conclusion, quantities, net)


def proposition_4_5(net: Network, *, rng: Any = 0) -> StatementReport:
    """Evaluate Proposition 4.5, L_cl ≥ 2^−n for bias-less nets of width n, and its corrected form.

    The proposition is false. With J₊ = {j : v_j > 0}, and w_i·w_j ≥ 0 for all i ≠ j in J₊, L_cl ≥
    Pr[w_j·x ≤ 0 for all j ∈ J₊] ≥ 2^−|J₊|: the probability of an orthant grows with the
    correlations (Slepian). The conclusion is the printed form; hypothesis and bound of the
    corrected one are among the steps.

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
    net = require_two_layers(net)
    rng = generator(rng)
    positive = net.v > 0.0
    count = int(np.sum(positive))
    W = net.W[positive & live_neurons(net)]
    # in this order: both may draw from one generator
    error = decisive_clean_error(net, rng)
    off = orthant_probability(W, rng=rng)
    cosines = acute(W)
    hypotheses = (without_biases(FIVE, net),)
    bound = power(count)
    corrected = at_least(FIVE, "L_cl ≥ 2^−|J₊|", error, bound, "corrected")
    corrected = provided(corrected, (*hypotheses, cosines))
    claim = "Pr[w_j·x < 0 for all j ∈ J₊] ≥ 2^−|J₊|"
    orthant = at_least(FIVE, claim, off, bound, kind=Kind.NEURONS)
    steps = (included(error, off), orthant, cosines, corrected)
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
    """Evaluate Proposition 4.6: orthonormal data have a KKT point with L_cl ≥ ½ − 2^−|I₋|.

    The point is a bias-less net.

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
    claim = "x_i·x_j = 0 for i ≠ j, |x_i| = 1"
    orthonormal = decide(SIX, claim, found.defect, "≤", KKT_TOLERANCE, kind=Kind.SAMPLE)
    hypotheses = (orthonormal, *law_of_x(SIX, sample))
    balanced = certified(SIX, "the balanced net is a KKT point", found.certificate, "corrected")
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


def _as_printed(found: CatastrophicKktPoint, sample: SphereSample) -> tuple[Claim, ...]:
    """What the proof says about its own weights."""
    net = found.printed_net
    residual = 0.0
    if found.m_plus:  # v_{k+1} = 1 against Σ_{I₊} λ_i σ(w_{k+1}·x_i), λ = 1
        residual = abs(1.0 - float(np.maximum(sample.X[sample.y > 0.0] @ net.W[-1], 0.0).sum()))
    fixed = kkt_certificate(net, sample, train_output=False)
    equation = "|v − Σ_{I₊} λ_i σ(w·x_i)| ≤ 0 with λ_i = 1"
    kkt = "the paper's net is a KKT point"
    return (
        decide(SIX, equation, residual, "≤", KKT_TOLERANCE, kind=Kind.STANDING),
        certified(SIX, kkt, found.printed_certificate, "printed"),
        certified(SIX, f"{kkt} where v is fixed", fixed, "computed"),
    )


def _quadrature(found: CatastrophicKktPoint, rng: np.random.Generator) -> tuple[Claim, ...]:
    """L_cl > ½ with a −1 point, and an independent sample of L_cl."""
    exact = found.clean_error
    sampled = clean_error(found.net, rng=rng, level=LEVEL)
    apart = max(sampled.low - exact.high, exact.low - sampled.high)
    claim = partial(decide, SIX, kind=Kind.CLEAN_ERROR)
    agrees = claim("distance of L_cl from a sampled interval", apart, "≤", 0.0, "computed")
    if not found.m_minus:
        return (agrees,)
    low, high = exact.low, exact.high
    return (claim("L_cl > ½", exact.value, ">", 0.5, "corrected", low=low, high=high), agrees)
