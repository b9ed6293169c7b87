"""Intervals for the mean of shares: exact for hits and misses, corrected for skewness otherwise.

Everything is in natural logarithms, so shares far below the least double are as good as any.
"""

from collections.abc import Iterable
from math import exp, expm1, inf, log, log1p, sqrt
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Mask, Vector

EIGHTH = 8
MEASURE = 2.0**-40  # relative error of a share by itself, beyond that of the arcs


class Bounds(NamedTuple):
    """An estimate in logarithms, and how it was spread.

    `variance` is that of a single sample relative to the squared mean, `largest` the part of the
    sum that its largest sample holds, `rounding` the part of which rounding hides whether it is in
    error: no number of samples makes the interval shorter than that.
    """

    log_value: float
    log_low: float
    log_high: float
    variance: float
    largest: float
    samples: int
    rounding: float = 0.0

    @property
    def half_width(self) -> float:
        """Half the length of the interval, relative to the value; inf at a value of 0."""
        if self.log_value == -inf:
            return inf
        return 0.5 * (
            exp(min(self.log_high - self.log_value, 700.0)) - exp(self.log_low - self.log_value)
        )

    def longer(self, factor: float) -> "Bounds":
        """Return the same with an interval that is longer by a factor to both sides."""
        if self.log_value == -inf:
            return self
        down = 1.0 - factor * -expm1(self.log_low - self.log_value)
        up = factor * expm1(min(self.log_high - self.log_value, 700.0))
        return self._replace(
            log_low=self.log_value + log(down) if down > 0.0 else -inf,
            log_high=min(self.log_value + log1p(up), 0.0),
        )


def from_flags(flags: Iterable[tuple[Mask, Mask]], samples: int, level: float) -> Bounds:
    """Return the interval of `from_hits`, given block by block which points are hits for certain,
    and which possibly.
    """
    certain = 0
    possible = 0
    for sure, perhaps in flags:
        certain += int(np.sum(sure))
        possible += int(np.sum(perhaps))
    return from_hits(certain, possible, samples, level)


def from_hits(certain: int, possible: int, samples: int, level: float) -> Bounds:
    """Return the Clopper–Pearson interval; hits within rounding count for the value and the upper
    end only.

    Covers with probability at least `level`, always. Without a hit it is [0, 1 − ((1 −
    level)/2)^(1/samples)].
    """
    from scipy.special import betaincinv

    tail = 0.5 * (1.0 - level)
    low = float(betaincinv(certain, samples - certain + 1, tail)) if certain else 0.0
    high = (
        float(betaincinv(possible + 1, samples - possible, 1.0 - tail))
        if possible < samples
        else 1.0
    )
    if not possible:
        return Bounds(-inf, -inf, log(high), inf, 0.0, samples)
    value = possible / samples
    return Bounds(
        log(value),
        log(low) if low else -inf,
        log(high),
        (1.0 - value) / value,
        1.0 / possible,
        samples,
        1.0 - certain / possible,
    )


def from_shares(
    certain: Vector, possible: Vector, level: float, most: int = 1, *, unseen: bool = True
) -> Bounds:
    """Return an interval for the mean of independent shares in [0, most], given their logarithms.

    Hall's cubic transformation of Student's statistic (Journal of the Royal Statistical Society B
    54, 1992), which removes its skewness. Where all shares are 0, or all are 1, hits and misses
    decide: the mean is at most `most` times the probability of a positive share. Sums of `most`
    shares may exceed 1; their mean does not, so ends stop there.

    With `unseen`, the interval allows for what may hide from so many samples: a part of the shares,
    as large as may well be missed by all of them, that are 0, or beyond the largest one by the same
    factor as that is beyond the eighth. So equal shares do not make a point of the interval, and
    outliers lengthen it.
    """
    samples = len(possible)
    top = float(possible.max())
    if top == -inf:
        bounds = from_hits(0, 0, samples, level)
        return bounds._replace(log_high=min(bounds.log_high + log(most), 0.0))
    if most == 1 and possible.min() > -MEASURE:
        return from_hits(int(np.sum(certain > -MEASURE)), samples, samples, level)
    shares = np.exp(possible - top)
    mean = float(shares.mean())
    deviation = float(shares.std(ddof=1))
    hidden = -expm1(log(0.5 * (1.0 - level)) / samples) if unseen else 0.0
    largest = np.partition(shares, -min(EIGHTH, samples))[-min(EIGHTH, samples) :]
    beyond = min(1.0 / float(largest[largest > 0.0].min()), exp(min(log(most) - top, 700.0)))
    high = _hall_end(shares, level, upper=True) + hidden * max(beyond, 1.0)
    low = _hall_end(np.exp(certain - top), level, upper=False)
    low -= hidden * float(np.exp(certain - top).mean())
    return Bounds(
        min(top + log(mean), 0.0),
        min(top + log(low) + log1p(-MEASURE), 0.0) if low > 0.0 else -inf,
        min(top + log(high) + log1p(MEASURE), 0.0),
        (deviation / mean) ** 2,
        1.0 / float(shares.sum()),
        samples,
        1.0 - float(np.exp(certain - top).mean()) / mean,
    )


def _hall_end(shares: Vector, level: float, *, upper: bool) -> float:
    """One end of the interval for the mean."""
    from scipy.special import stdtrit

    samples = len(shares)
    mean = float(shares.mean())
    centred = shares - mean
    deviation = sqrt(float(np.mean(centred**2)))
    if deviation <= MEASURE * mean:
        return mean
    skewness = float(np.mean(centred**3)) / deviation**3 / sqrt(samples)
    quantile = float(stdtrit(samples - 1, 0.5 * (1.0 - level))) * (1.0 if upper else -1.0)
    if abs(skewness) > 1e-6:  # below, the cubic is a line to rounding
        quantile = (
            (float(np.cbrt(1.0 + skewness * (quantile - skewness / 6.0))) - 1.0) * 3.0 / skewness
        )
    return mean - quantile * deviation / sqrt(samples - 1)
