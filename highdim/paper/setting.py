"""A net and a sample as the theorems see them: two layers with biases, the worst margin scaled to
1.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from highdim.error.clean_error import Estimate, clean_error
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_sample
from highdim.standing.kkt import KktCertificate, kkt_certificate
from univariate.common import check
from univariate.common.claim import Claim, decide
from univariate.common.result import Verdict

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

PRECISION = 0.01  # of clean errors that are estimated here


@dataclass(frozen=True)
class Setting:
    """What a theorem is evaluated on."""

    net: TwoLayerNet
    sample: SphereSample
    epsilon: float
    delta: float
    p: float
    error: Estimate
    certificate: KktCertificate

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 (what is known already may be passed)
        cls,
        net: object,
        sample: SphereSample,
        epsilon: float,
        delta: float,
        p: float | None,
        error: Estimate | None,
        certificate: KktCertificate | None,
        rng: Any,
        train_output: bool,
    ) -> "Setting":
        """Validate, and compute what was not given."""
        if not isinstance(net, TwoLayerNet):
            raise TypeError(
                f"`net` must be a TwoLayerNet, got {type(net).__name__}; the theorem is about two"
                " layers"
            )
        require_sample(sample)
        if net.dimension != sample.dimension:
            raise ValueError(
                f"`net` must have the dimension of the sample, {sample.dimension}, got"
                f" {net.dimension}; pass the sample that it was trained on"
            )
        noise = (
            sample.noise_rate
            if p is None and sample.p is None
            else p
            if p is not None
            else sample.p
        )
        return cls(
            net,
            sample,
            check.probability("epsilon", epsilon, open_interval=True),
            check.probability("delta", delta, open_interval=True),
            check.probability("p", noise),
            clean_error(net, rng=rng, precision=PRECISION) if error is None else error,
            (
                kkt_certificate(net, sample, train_output=train_output)
                if certificate is None
                else certificate
            ),
        )

    @property
    def m(self) -> int:
        """Sample size."""
        return self.sample.size

    @property
    def d(self) -> int:
        """Input dimension."""
        return self.sample.dimension

    @cached_property
    def positive(self) -> NDArray[np.bool_]:
        """Which labels are +1."""
        return self.sample.y > 0.0

    @property
    def plus(self) -> int:
        """|I₊|."""
        return int(np.sum(self.positive))

    @property
    def minus(self) -> int:
        """|I₋|."""
        return self.m - self.plus

    @property
    def interpolates(self) -> bool:
        """Whether every margin is positive."""
        return self.certificate.scale > 0.0

    @property
    def v(self) -> Vector:
        """Output weights, scaled to worst margin 1 if they are trained."""
        return self.net.v / self.certificate.scale if self.certificate.train_output else self.net.v

    @property
    def W(self) -> Matrix:  # noqa: N802 (the paper's letter)
        """Input weights, scaled to worst margin 1."""
        return self.net.W / self.certificate.scale

    @property
    def b(self) -> Vector:
        """Biases, scaled to worst margin 1; zeros without."""
        return (
            np.zeros(len(self.net.v)) if self.net.b is None else self.net.b / self.certificate.scale
        )

    @cached_property
    def margins(self) -> Vector:
        """y_i N(x_i) of the scaled net."""
        return np.asarray(self.sample.y * self.net(self.sample.X) / self.certificate.worst_margin)

    @property
    def bias_sum(self) -> float:
        """Σ v_j σ(b_j) = N(0), of the scaled net."""
        return float(self.v @ np.maximum(self.b, 0.0))

    @cached_property
    def off_identity(self) -> float:
        """‖XXᵀ − I‖."""
        return float(np.linalg.norm(self.sample.gram - np.eye(self.m), 2))

    @cached_property
    def gram_norm(self) -> float:
        """‖XXᵀ‖."""
        return float(np.linalg.norm(self.sample.gram, 2))

    @property
    def correlation(self) -> float:
        """Largest |x_i·x_j|, i ≠ j; 0 for a single observation."""
        gram = self.sample.gram
        return float(np.max(np.abs(gram - np.diag(np.diag(gram)))))

    def property_1(self, parts: float, source: str) -> Claim:
        """Property 1, with δ/(parts · m²) for every pair."""
        threshold = sqrt(2.0 * log(parts * self.m**2 / self.delta) / self.d)
        claim = f"Property 1: |x_i·x_j| ≤ √(2 log({parts:g}m²/δ)/d)"
        return decide(source, claim, self.correlation, "≤", threshold)

    def biased(self, source: str) -> Claim:
        """The net has biases."""
        return decide(source, "the net has biases", float(self.net.b is not None), "≥", 1.0)

    def fits(self, source: str) -> Claim:
        """The net interpolates."""
        return decide(
            source, "y_i N(x_i) > 0 for all data", self.certificate.worst_margin, ">", 0.0
        )

    def stationary(self, source: str) -> Claim:
        """θ is a KKT point, as certified."""
        found = self.certificate
        return Claim(
            source,
            "θ is a KKT point of Problem (1)",
            found.accuracy,
            "≤",
            found.tolerance,
            "computed",
            found.verdict,
            found.reason,
        )

    def conclusion(self, source: str) -> Claim:
        """L_cl ≤ ε, decided by the interval."""
        found = self.error
        claim = f"L_cl ≤ {self.epsilon:g}"
        return decide(source, claim, found.value, "≤", self.epsilon, low=found.low, high=found.high)


def reason_for(
    name: str, verdict: Verdict, hypotheses: tuple[Claim, ...], conclusion: Claim
) -> str:
    """Return what was learnt, in one sentence."""
    found = f"{conclusion.claim} {conclusion.verdict.value.lower()}, L_cl ≈ {conclusion.value:.3g}"
    if verdict is Verdict.HOLDS:
        return f"all hypotheses of {name} hold, and {found}"
    if verdict is Verdict.FAILS:
        return f"all hypotheses of {name} hold, yet {found}"
    missing = [one for one in hypotheses if not one.holds]
    if not missing:
        return (
            f"all hypotheses of {name} hold, but the interval of L_cl holds ε; ask for a"
            " narrower one"
        )
    worst = min(missing, key=lambda one: one.verdict is Verdict.UNDECIDED)
    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    state = "fails" if worst.verdict is Verdict.FAILS else "is undecided"
    return f"{name} does not apply: “{worst.claim}” {state} at {worst.value:.3g}{more}; {found}"
