"""The nearest-neighbour law on a net and a sample. New; the proof is in `proof`."""

from math import fsum

import numpy as np

from univariate.common import check
from univariate.common.claim import Claim
from univariate.common.result import Verdict
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.error.one_nearest_neighbour import neighbour_error_of
from univariate.paper.law.anatomy import Anatomy
from univariate.paper.law.deviations import Comparison, compared
from univariate.paper.law.outcome import Chains, Deviation, Difference, NearestNeighbourLaw
from univariate.paper.law.proof import CLEARLY, ROUNDING, evaluated
from univariate.paper.law.transitions import chain_ends
from univariate.problem.density import DensityLike
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import Network
from univariate.problem.population import Population
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.standing.kkt import KktCertificate, kkt_of


def nearest_neighbour_law(
    net: Network,
    sample: Sample,
    *,
    certificate: KktCertificate | None = None,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> NearestNeighbourLaw:
    """Compare a net with the nearest neighbour, and check the law on it.

    A KKT point of Problem (1) decides like the 1-nearest-neighbour rule except in at most E + 2 of
    the m + 1 gaps, whatever its width, E being the number of its links. New, see `law.proof`.

    Parameters
    ----------
    net : ReluNet
        Must interpolate the sample, up to the scale of its margins.
    sample : Sample
    certificate : KktCertificate, optional
        That of `kkt_certificate(net, sample)`, to save computing it again.
    truth : truth, optional
        f*, see `Truth.of`; the sample's own if not given. The law is about decisions, N ≤ 0 or N >
        0, so that the verdict, the links, and which gaps deviate do not depend on it; the errors
        and the masses of deviations do.
    density : distribution, optional
        Of x; the sample's own if not given. Gaps outside its support are left out.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, or one that does not interpolate.

    Decisions are those of `clean_error`; signs of kinks are exact, places rounded; the verdict is
    up to the tolerance of the certificate, and to 1e-6 of a gap. Cost that of the certificate and
    O((n + m) log (n + m)).

    Examples
    --------
    >>> from univariate import draw_sample, max_margin, nearest_neighbour_law
    >>> sample = draw_sample(100, 0.2, rng=0)
    >>> law = nearest_neighbour_law(max_margin(sample).net, sample)
    >>> law.verdict.name, len(law.deviations) <= law.allowed
    ('HOLDS', True)
    """
    fit = ShallowFitted.of(net, sample)
    if certificate is None:
        certificate = kkt_of(fit, KKT_TOLERANCE).certificate
    check.belongs("certificate", certificate, fit.subject, "kkt_certificate(net, sample)")
    return law_of(fit, certificate, fit.sample.population(density, truth))


def law_of(
    fit: ShallowFitted,
    certificate: KktCertificate,
    population: Population,
    error: CleanError | None = None,
    neighbour: CleanError | None = None,
) -> NearestNeighbourLaw:
    """Return the comparison of `nearest_neighbour_law`; clean errors that are known are given."""
    fit.require_interpolation()
    if error is None:
        error = clean_error_of(fit.net, population)
    if neighbour is None:
        neighbour = neighbour_error_of(fit.sample, population)
    net, signed = _compared(fit, certificate, population, error, neighbour)
    certified = certificate.verdict is Verdict.HOLDS
    steps = evaluated(net) if certified else ()
    verdict, reason = concluded(net, steps)
    return NearestNeighbourLaw(
        verdict=verdict,
        links=net.links if certified else (),
        chains=Chains(*chain_ends(net.turns)),
        deviations=_deviations(net, signed),
        allowed=len(net.links) + 2 if certified else None,
        clean_error=error,
        nearest_neighbour=neighbour,
        difference=_difference(error, neighbour, signed),
        steps=steps,
        certificate=certificate,
        reason=reason,
    )


def _compared(
    fit: ShallowFitted,
    certificate: KktCertificate,
    population: Population,
    error: CleanError,
    neighbour: CleanError,
) -> tuple[Anatomy, Comparison]:
    """Return the net with its decisions, and where its errors and those of the rule differ."""
    if population.truth.is_positive:
        net = Anatomy(fit, certificate, error, neighbour, population.density)
        return net, net.comparison
    # f* ≡ +1: the errors are where N ≤ 0, which is what the proof looks at
    plain = population.decisions
    sets = clean_error_of(fit.net, plain), neighbour_error_of(fit.sample, plain)
    net = Anatomy(fit, certificate, *sets, population.density)
    wrong = error.intervals, neighbour.intervals
    return net, compared(fit.sample, *wrong, net.domain, population.density.cdf)


def concluded(net: Anatomy, steps: tuple[Claim, ...]) -> tuple[Verdict, str]:
    """Return the verdict of the law on a net, given the steps of its proof, and why."""
    deviating = len(net.deviating(ROUNDING))
    gaps = f"{deviating} of {net.fit.sample.size + 1} gaps deviate"
    if not steps:
        return Verdict.UNDECIDED, f"{gaps}; not a certified KKT point: {net.certificate.reason}"
    room = len(net.links) + 2
    off = [one for one in steps if not one.holds]
    if off:
        first = off[0]
        return Verdict.UNDECIDED, f"{gaps}; {first.source} is off: {first.claim}, {first.value:.2g}"
    if len(net.deviating(CLEARLY)) > room:
        where = f"{gaps}, {net.deviating(CLEARLY).tolist()}, where the law allows {room}"
        if net.left_out:
            small = f"{net.left_out} neurons are too small to be felt in the residual"
            return Verdict.UNDECIDED, f"{where}; {small}, and not counted"
        return Verdict.FAILS, where
    if deviating > room:
        return Verdict.UNDECIDED, f"{gaps}, some by no more than rounding can do"
    return Verdict.HOLDS, f"{gaps}, the law allows {room}"


def _deviations(net: Anatomy, signed: Comparison) -> tuple[Deviation, ...]:
    found = net.comparison
    mass = dict(zip(signed.gap.tolist(), signed.mass.tolist(), strict=True))
    chosen = np.flatnonzero(found.share > ROUNDING)
    stretch = net.transitions.stretch_of(found.gap[chosen])
    last = len(net.transitions.regular)
    begin = np.searchsorted(net.transitions.stretch, stretch)
    end = np.searchsorted(net.transitions.stretch, stretch, side="right")
    ends = np.concatenate([[-np.inf], net.fit.sample.x, [np.inf]])
    return tuple(
        Deviation(
            gap=int(found.gap[k]),
            first=float(ends[found.gap[k]]),
            last=float(ends[found.gap[k] + 1]),
            share=float(found.share[k]),
            mass=mass.get(int(found.gap[k]), 0.0),
            links=tuple(range(first, stop)),
            open_end=place in (0, last),
        )
        for k, place, first, stop in zip(
            chosen.tolist(), stretch.tolist(), begin.tolist(), end.tolist(), strict=True
        )
    )


def _difference(error: CleanError, neighbour: CleanError, signed: Comparison) -> Difference:
    low = np.nextafter(error.low - neighbour.high, -np.inf)
    high = np.nextafter(error.high - neighbour.low, np.inf)
    value = fsum(signed.mass.tolist())
    return Difference(float(np.clip(value, low, high)), float(low), float(high))
