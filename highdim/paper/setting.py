"""A net and a sample as Theorems 4.1 and 4.3 see them: the worst margin scaled to 1."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from highdim.error.clean_error import clean_error
from highdim.error.estimate import Estimate
from highdim.error.guarantee import guaranteed
from highdim.problem.exact import relative_outputs, smallest_margin
from highdim.problem.network import TwoLayerNet, becoming
from highdim.problem.sample import (
    SphereSample,
    require_dimension,
    require_positive_truth,
    require_sample,
)
from highdim.standing.kkt import KktCertificate, kkt_certificate
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.claim import Source

SMALLEST: Final = 1e-290  # margins that doubles hold to full precision
PRECISION: Final = 0.01  # of clean errors that are estimated here


class Levels(NamedTuple):
    """ε and δ of a theorem, and the noise level, if it is known."""

    epsilon: float
    delta: float
    p: float | None


@dataclass(frozen=True)
class Setting:
    """What a theorem is evaluated on."""

    theorem: Source
    net: TwoLayerNet
    sample: SphereSample
    epsilon: float
    delta: float
    p: float
    error: Estimate
    decisive: Estimate  # the same clean error, with an interval that verdicts may rest on
    certificate: KktCertificate

    @classmethod
    def of(
        cls,
        theorem: Source,
        net: object,
        sample: SphereSample,
        levels: Levels,
        *,
        error: Estimate | None,
        certificate: KktCertificate | None,
        rng: Any,
    ) -> "Setting":
        """Validate, and compute what was not given."""
        if not isinstance(net, TwoLayerNet):
            raise TypeError(
                f"`net` must be a TwoLayerNet, got {type(net).__name__};"
                f" {becoming(net, 'the theorem is about two layers')}"
            )
        require_sample(sample)
        require_positive_truth(sample)
        require_dimension(net, sample, "pass the sample that it was trained on")
        epsilon = check.probability("epsilon", levels.epsilon, open_interval=True)
        delta = check.probability("delta", levels.delta, open_interval=True)
        p = sample.noise_level(levels.p)
        rng = check.generator(rng)
        if error is not None:
            check.belongs("error", error, net.fingerprint, "clean_error(net)", what="net")
        trained = theorem is not Source.THEOREM_4_3
        if certificate is None:
            certificate = kkt_certificate(net, sample, train_output=trained)
        remedy = f"kkt_certificate(net, sample, train_output={trained})"
        subject = net.fingerprint + sample.fingerprint
        check.belongs("certificate", certificate, subject, remedy)
        if certificate.train_output is not trained:
            kinds = {True: "trained outputs", False: "fixed outputs"}
            raise ValueError(
                f"`certificate` must be one for {kinds[trained]}, got one for {kinds[not trained]};"
                f" pass {remedy}"
            )
        if error is None:  # after all refusals: it costs most
            error = clean_error(net, rng=rng, precision=PRECISION)
        decisive = guaranteed(net, error, rng)
        return cls(theorem, net, sample, epsilon, delta, p, error, decisive, certificate)

    @property
    def n(self) -> int:
        """Number of neurons."""
        return self.net.width

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
        if not self.certificate.train_output:
            return self.net.v
        return self.net.v / self.certificate.scale

    @property
    def W(self) -> Matrix:  # noqa: N802 (the paper's letter)
        """Input weights, scaled to worst margin 1."""
        return self.net.W / self.certificate.scale

    @property
    def b(self) -> Vector:
        """Biases, scaled to worst margin 1; zeros without."""
        return self.net.biases / self.certificate.scale

    @property
    def weight_product(self) -> float:
        """‖v‖ ‖W‖ of the scaled net, Frobenius norm."""
        return float(np.linalg.norm(self.v) * np.linalg.norm(self.W))

    @cached_property
    def margins(self) -> Vector:
        """y_i N(x_i) of the scaled net."""
        return self.sample.y * self._relative(self.sample.X)

    @property
    def bias_sum(self) -> float:
        """Σ v_j σ(b_j) = N(0), of the scaled net."""
        return float(self._relative(np.zeros((1, self.d)))[0])

    def _relative(self, X: Matrix) -> Vector:
        """Return N at the rows of X over the smallest margin."""
        # divided last: the scaled net would be rounded once more
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self.net(X)
        worst = self.certificate.worst_margin
        if np.all(np.isfinite(outputs)) and SMALLEST <= worst < inf:
            return np.asarray(outputs / worst)
        return relative_outputs(self.net, X, self._exact_worst)

    @cached_property
    def _exact_worst(self) -> Fraction:
        return smallest_margin(self.net, self.sample.X, self.sample.y)

    @cached_property
    def _lengths(self) -> Vector:
        return np.asarray(np.linalg.norm(self.sample.X, axis=1), dtype=np.float64)

    @property
    def longest(self) -> float:
        """max ‖x_i‖."""
        return float(self._lengths.max())

    @property
    def shortest(self) -> float:
        """min ‖x_i‖."""
        return float(self._lengths.min())

    @cached_property
    def off_identity(self) -> float:
        """‖XXᵀ − I‖."""
        return float(np.linalg.norm(self.sample.gram - np.eye(self.m), 2))

    @cached_property
    def gram_norm(self) -> float:
        """‖XXᵀ‖."""
        return float(np.linalg.norm(self.sample.gram, 2))
