"""The parts of a report about Problem (1) and Section 4, each a result or why there is none."""

from dataclasses import dataclass, fields
from functools import partial
from math import inf
from typing import Any, Final

import numpy as np

from highdim.error.clean_error import clean_error
from highdim.error.estimate import Estimate
from highdim.optimum.max_margin import MaxMargin, max_margin
from highdim.optimum.optimum_bounds import OptimumBounds, optimum_bounds
from highdim.optimum.scaled import UnsuitedInputsError
from highdim.paper.plane import largest_bias, live_neurons, width_two_clean_error
from highdim.paper.propositions import proposition_4_4, proposition_4_5
from highdim.paper.theorem_4_1 import theorem_4_1
from highdim.paper.theorem_4_3 import theorem_4_3
from highdim.problem.laws import Sphere
from highdim.problem.network import Network, TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.report.facts import FitFacts, NetFacts
from highdim.standing.certify import Standing, certify
from highdim.standing.kkt import KktCertificate, kkt_certificate
from highdim.standing.kkt_point import KktPoint, kkt_point
from highdim.standing.unpolished import UnpolishedError
from univariate.common.result import Result, Verdict, result

PRECISION: Final = 0.01
"""Relative half width of the interval to which clean errors are estimated."""

OUT_OF_RANGE: Final = "‖θ‖² at margin 1 is beyond the range of doubles"

NOT_ASKED: Final = "not asked for"

_NOT_FIXED: Final = "the theorem is about output weights fixed at ±1, these are not"
OTHER_TRUTH: Final = "Section 4 is about the truth +1, the sample has another one"
OTHER_LAW: Final = "Section 4 is about x uniform on the sphere, the sample has another law"
_BIASED: Final = "the proposition is about nets without biases, this one has some"


@result
class Nearby(Result):
    """A KKT point near the net of a report.

    Attributes
    ----------
    point : KktPoint
    clean_error : Estimate
        Of its net.
    statement : StatementReport or None
        Theorem 4.3 there if outputs are fixed, 4.1 if they are trained; None without biases.
    """

    point: KktPoint
    clean_error: Estimate
    statement: StatementReport | None


@result
class Solved(Result):
    """The max-margin net beside the net of a report.

    Attributes
    ----------
    optimum : MaxMargin
        Its verdict says whether its net is proved optimal.
    clean_error : Estimate or None
        Of its net, if one was found.
    ratio : float
        ‖θ‖² of the report's net, balanced and at margin 1, over that of the optimum; inf where the
        net does not interpolate.
    standing : Standing
        Of the report's net, with trained outputs.
    """

    optimum: MaxMargin
    clean_error: Estimate | None
    ratio: float
    standing: Standing


@dataclass(frozen=True)
class Question:
    """What a report is about, and what is known already."""

    net: Network
    sample: SphereSample
    facts: NetFacts
    fits: FitFacts
    error: Estimate
    epsilon: float
    delta: float
    p: float
    rng: Any


@dataclass(frozen=True)
class Parts:
    """Results, or sentences that say why there is none; see `Report`."""

    optimum: OptimumBounds | str
    kkt: KktCertificate | str
    fixed_kkt: KktCertificate | str
    theorem_4_1: StatementReport | str
    theorem_4_3: StatementReport | str
    proposition_4_4: StatementReport | str
    proposition_4_5: StatementReport | str
    nearby: Nearby | str
    max_margin: Solved | str

    @property
    def missing(self) -> dict[str, str]:
        """The sentences, by the names of the parts."""
        return {name: part for name, part in vars(self).items() if isinstance(part, str)}

    @property
    def results(self) -> dict[str, Any]:
        """All parts by name, None where there is only a sentence."""
        return vars(self) | dict.fromkeys(self.missing)


def parts_of(asked: Question, *, polish: bool, solve: bool) -> Parts:
    """Answer what there is to answer; the KKT point nearby and the max-margin net only where they
    are asked for.
    """
    net, sample = asked.net, asked.sample
    if not isinstance(net, TwoLayerNet):
        deep = "Problem (1) and Section 4 are about 2-layer nets, this one has 3 layers"
        return Parts(*[deep] * len(fields(Parts)))
    optimum = optimum_bounds(sample, [net], bias=asked.facts.bias)
    kkt = kkt_certificate(net, sample)
    fixed_kkt = _fixed_kkt(asked, net)
    reason = _no_theorem(asked, kkt)
    theorem = partial(_theorem, asked, net, error=asked.error, optimum=optimum)
    on_fixed: StatementReport | str = reason or _NOT_FIXED
    if not reason and not isinstance(fixed_kkt, str):
        on_fixed = theorem(fixed_kkt)
    return Parts(
        optimum=optimum,
        kkt=kkt,
        fixed_kkt=fixed_kkt,
        theorem_4_1=reason or theorem(kkt),
        theorem_4_3=on_fixed,
        # in this order: they may draw from one generator
        proposition_4_4=_proposition_4_4(asked, net),
        proposition_4_5=_proposition_4_5(asked, net),
        nearby=_nearby(asked, net, optimum) if polish else NOT_ASKED,
        max_margin=_solved(asked, net, optimum) if solve else NOT_ASKED,
    )


def error_of(net: Network, sample: SphereSample, rng: Any) -> Estimate:
    """Return the clean error under the law of a sample and against its truth, in closed form for
    the sphere, the truth +1 and bias-less nets of up to two live neurons.
    """
    if (
        not_of_section_4(sample) is None
        and isinstance(net, TwoLayerNet)
        and net.dimension > 1
        and largest_bias(net) == 0.0
        and np.sum(live_neurons(net)) <= 2
    ):
        return width_two_clean_error(net)
    return clean_error(net, rng=rng, precision=PRECISION, truth=sample.truth, law=sample.law)


def not_of_section_4(sample: SphereSample) -> str | None:
    """Return why Section 4 does not speak of what a sample is drawn from, if so."""
    if sample.truth is not None:
        return OTHER_TRUTH
    return None if isinstance(sample.law, Sphere) else OTHER_LAW


def _fixed_kkt(asked: Question, net: TwoLayerNet) -> KktCertificate | str:
    if not asked.facts.fixed_output:
        return "not all output weights are ±1, so they count as trained"
    return kkt_certificate(net, asked.sample, train_output=False)


def _theorem(
    asked: Question,
    net: TwoLayerNet,
    certificate: KktCertificate,
    error: Estimate,
    optimum: OptimumBounds,
) -> StatementReport:
    """Evaluate Theorem 4.1, or 4.3 if the certificate is one for fixed outputs."""
    levels = {"epsilon": asked.epsilon, "delta": asked.delta, "p": asked.p}
    known: dict[str, Any] = {"certificate": certificate, "error": error, **levels}
    if certificate.train_output:
        return theorem_4_1(net, asked.sample, bounds=optimum, **known)
    return theorem_4_3(net, asked.sample, **known)


def _no_theorem(asked: Question, kkt: KktCertificate) -> str:
    """Return why neither theorem can be evaluated, if so."""
    if (other := not_of_section_4(asked.sample)) is not None:
        return other
    if not asked.facts.bias:
        return "the theorem is about nets with biases, this one has none"
    if kkt.norm_squared == inf and kkt.scale > 0.0:
        return f"{OUT_OF_RANGE}; balance |v_j| and ‖(w_j, b_j)‖, which leaves N alone"
    return ""


def _proposition_4_4(asked: Question, net: TwoLayerNet) -> StatementReport | str:
    if (other := not_of_section_4(asked.sample)) is not None:
        return other
    if asked.facts.biased:
        return _BIASED
    if net.width > 2:
        return f"the proposition is about two neurons, this net has {net.width}"
    return proposition_4_4(net, asked.sample, rng=asked.rng)


def _proposition_4_5(asked: Question, net: TwoLayerNet) -> StatementReport | str:
    if (other := not_of_section_4(asked.sample)) is not None:
        return other
    return _BIASED if asked.facts.biased else proposition_4_5(net, rng=asked.rng)


def _nearby(asked: Question, net: TwoLayerNet, optimum: OptimumBounds) -> Nearby | str:
    """Polish a net to a KKT point and look at it."""
    if asked.fits.verdict is not Verdict.HOLDS:
        return "the net does not interpolate"
    try:
        point = kkt_point(net, asked.sample, train_output=not asked.facts.fixed_output)
    except UnpolishedError as reason:
        return str(reason)
    error = error_of(point.net, asked.sample, asked.rng)
    statement = None
    if asked.facts.bias and not_of_section_4(asked.sample) is None:
        statement = _theorem(asked, point.net, point.certificate, error, optimum)
    return Nearby(point, error, statement)


def _solved(asked: Question, net: TwoLayerNet, bounds: OptimumBounds) -> Solved | str:
    """Solve Problem (1), and say where the net stands in it."""
    try:
        optimum = max_margin(asked.sample, bias=asked.facts.bias)
        standing = certify(net, asked.sample, optimum=optimum)
    except UnsuitedInputsError as reason:
        return str(reason)
    error = None if optimum.net is None else error_of(optimum.net, asked.sample, asked.rng)
    own = bounds.candidates["net 0"]
    ratio = own / optimum.norm_squared if own < inf else inf
    return Solved(optimum, error, ratio, standing)
