"""The parts of a report that Problem (1) and the statements of Section 4 give, each a result or why
there is none.
"""

from dataclasses import dataclass
from math import inf
from typing import Any, Final

import numpy as np

from highdim.error.clean_error import Estimate, clean_error
from highdim.optimum.optimum_bounds import OptimumBounds, optimum_bounds
from highdim.paper.propositions import proposition_4_4, proposition_4_5, width_two_clean_error
from highdim.paper.theorem_4_1 import theorem_4_1
from highdim.paper.theorem_4_3 import theorem_4_3
from highdim.problem.network import Network, TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.report.facts import FitFacts, NetFacts
from highdim.standing.kkt import kkt_certificate
from highdim.standing.kkt_point import KktPoint, kkt_point
from univariate.common.result import Result, Verdict

PRECISION: Final = 0.01
"""Relative half width of the interval to which clean errors are estimated."""

NAMES: Final = (
    *("optimum", "kkt", "fixed_kkt", "theorem_4_1", "theorem_4_3"),
    *("proposition_4_4", "proposition_4_5", "nearby"),
)

Parts = dict[str, Any]  # results, or sentences saying why there is none


@dataclass(frozen=True, repr=False)
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


@dataclass(frozen=True)
class Question:
    """What a report is about, and what is known already; `options` are ε, δ and p."""

    net: Network
    sample: SphereSample
    facts: NetFacts
    fits: FitFacts
    error: Estimate
    options: dict[str, Any]
    rng: Any


def parts_of(asked: Question, *, polish: bool) -> Parts:
    """Return a part, or a sentence, for each of `NAMES`."""
    if not isinstance(asked.net, TwoLayerNet):
        return dict.fromkeys(
            NAMES, "Problem (1) and Section 4 are about 2-layer nets, this one has 3 layers"
        )
    found = _certificates(asked, asked.net)
    found |= _theorems(asked, asked.net, found) | _propositions(asked, asked.net)
    if not polish:
        return found | {"nearby": "not asked for"}
    if asked.fits.verdict is not Verdict.HOLDS:
        return found | {"nearby": "the net does not interpolate"}
    return found | {"nearby": _nearby(asked, asked.net, found["optimum"])}


def error_of(net: Network, rng: Any) -> Estimate:
    """Return the clean error, in closed form for bias-less nets of up to two live neurons."""
    if isinstance(net, TwoLayerNet) and net.dimension > 1 and not NetFacts.of(net).biased:
        live = (net.v != 0.0) & np.any(net.W, axis=1)
        if np.sum(live) <= 2:
            return width_two_clean_error(net)
    return clean_error(net, rng=rng, precision=PRECISION)


def _certificates(asked: Question, net: TwoLayerNet) -> Parts:
    """‖θ*‖², and whether the net is a KKT point."""
    fixed: Any = "not all output weights are ±1, so they count as trained"
    if asked.facts.fixed_output:
        fixed = kkt_certificate(net, asked.sample, train_output=False)
    best = optimum_bounds(asked.sample, [net], bias=asked.facts.bias)
    return {"optimum": best, "kkt": kkt_certificate(net, asked.sample), "fixed_kkt": fixed}


def _theorems(asked: Question, net: TwoLayerNet, known: Parts) -> Parts:
    if not asked.facts.bias:
        return dict.fromkeys(NAMES[3:5], "the theorem is about nets with biases, this one has none")
    if known["kkt"].norm_squared == inf and known["kkt"].scale > 0.0:
        reason = (
            "‖θ‖² at margin 1 is beyond the range of doubles; balance |v_j| and ‖(w_j, b_j)‖, which"
            " leaves N alone"
        )
        return dict.fromkeys(NAMES[3:5], reason)
    options, fixed = {**asked.options, "error": asked.error}, known["fixed_kkt"]
    first = theorem_4_1(
        net, asked.sample, certificate=known["kkt"], bounds=known["optimum"], **options
    )
    third: Any = "the theorem is about output weights fixed at ±1, these are not"
    if not isinstance(fixed, str):
        third = theorem_4_3(net, asked.sample, certificate=fixed, **options)
    return {"theorem_4_1": first, "theorem_4_3": third}


def _propositions(asked: Question, net: TwoLayerNet) -> Parts:
    if asked.facts.biased:
        return dict.fromkeys(
            NAMES[5:7], "the proposition is about nets without biases, this one has some"
        )
    fourth: Any = f"the proposition is about two neurons, this net has {net.width}"
    if net.width <= 2:
        fourth = proposition_4_4(net, asked.sample, rng=asked.rng)
    return {"proposition_4_4": fourth, "proposition_4_5": proposition_4_5(net, rng=asked.rng)}


def _nearby(asked: Question, net: TwoLayerNet, bounds: OptimumBounds) -> Nearby | str:
    """Polish a net to a KKT point and look at it."""
    fixed = asked.facts.fixed_output
    try:
        point = kkt_point(net, asked.sample, train_output=not fixed)
    except (ValueError, ArithmeticError) as reason:  # too large, or the solver failed
        return str(reason)
    error, statement = error_of(point.net, asked.rng), None
    known = {**asked.options, "certificate": point.certificate, "error": error}
    if asked.facts.bias and fixed:
        statement = theorem_4_3(point.net, asked.sample, **known)
    elif asked.facts.bias:
        statement = theorem_4_1(point.net, asked.sample, bounds=bounds, **known)
    return Nearby(point, error, statement)
