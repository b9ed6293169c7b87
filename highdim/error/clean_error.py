"""Clean error L_cl = Pr[N(x) ≤ 0] of a network on R^d, for x uniform on the unit sphere S^(d−1) or
of another law.

Zero counts as an error, so regions on which every neuron is off count whole. On the sphere exact
for d = 2, enclosed for d = 3; otherwise estimated without bias, always with an interval. Source:
Section 4; the estimators are new, see their modules.
"""

from dataclasses import replace
from typing import Any

from highdim.error.estimate import Estimate
from highdim.error.form import normal_form
from highdim.error.law_form import without_biases
from highdim.error.on_sphere import on_sphere
from highdim.error.regions import ErrorRegions, on_circle, sampled
from highdim.error.under_law import against_truth, errs_as_on_sphere, under_law
from highdim.error.wanted import Wanted
from highdim.problem.law import Law
from highdim.problem.laws import Sphere
from highdim.problem.network import Network, ThreeLayerNet, TwoLayerNet, require_network
from highdim.problem.recognised import law_of
from highdim.problem.sample import SphereSample, law_meant, require_sample
from highdim.problem.truth import agreement, require_truth
from univariate.common import check
from univariate.common.spelled import spelled

METHODS = ("auto", "arcs", "circles", "lines", "points", "splitting", "triangles")
LEVEL = 0.95  # of the intervals of regions, where the error itself has an enclosure


def clean_error(  # noqa: PLR0913 (keywords, each a question of its own)
    net: Network,
    *,
    method: str = "auto",
    samples: int | None = None,
    rng: Any = None,
    level: float = 0.95,
    precision: float | None = None,
    regions: bool = False,
    sample: SphereSample | None = None,
    truth: TwoLayerNet | None = None,
    law: Law | str | None = None,
) -> Estimate:
    """Return L_cl(N) = Pr[N(x) f*(x) ≤ 0], for x uniform on the unit sphere or of another law.

    The truth f* is +1 by default.

    Parameters
    ----------
    net : TwoLayerNet or ThreeLayerNet
        Of inputs in R^d, d ≥ 2.
    method : {"auto", "arcs", "circles", "lines", "points", "splitting", "triangles"}
        "arcs": exact, for d = 2 only. "triangles": an enclosure, for d = 3 only. "circles": 8
        equally spaced points on random great circles, for d up to some 30. "lines": all errors on
        random great circles through the directions in which N falls, weighted by the sphere's
        measure, for nets that are nearly linear and for errors however small. "points": plain
        points. "splitting": multilevel splitting, slow and blind to directions. "auto": arcs for d
        = 2; triangles for d = 3, if these enclose the error to 1 % or to `precision`; otherwise
        what pilots find to have the least variance for its cost, and splitting to check it, for a
        quarter of that cost or where there is a doubt.
    samples : int, optional
        Circles or points to draw, at least 2; by default 16,384 circles, 2048 lines (that many
        through every direction), 100,000 points or 16 repetitions of splitting, of which 8 are
        all if none of these finds errors. With `precision`, the most in one round.
    rng : int or numpy.random.Generator
        Not needed for arcs, and for triangles where these are asked for, unless regions are wanted
        that have to be sampled. The same seed gives the same bits.
    level : float
        Confidence of the interval, in (0, 1).
    precision : float, optional
        Draw until half the interval is at most this part of the value. Given up after about a
        minute's work, and without a single error sooner, unless `samples` says otherwise; then
        `note` says so. Triangles are cut until 1e-6 by default, or until there are `samples`,
        400,000 by default, fewer for wide nets.
    regions : bool
        Whether to look for the regions in which the errors lie, by 32 more repetitions of
        splitting; not needed where the error is 0.
    sample : SphereSample, optional
        Whose observations own the errors nearest to them; `regions` is understood then, where
        errors are those on the sphere. Its truth and its law are meant unless others are given.
    truth : TwoLayerNet, optional
        A net whose sign is f*, say `half_space(direction, offset)`; where it is 0, everything is an
        error. Nets of three layers are held against it at points, those of two by all methods.
        Regions where N or the truth vanishes count for the value and `high`, but only on the circle
        for `low`.
    law : Law or str, optional
        What x is drawn from: `Sphere()`, `Gaussian(covariance, mean)`, `Ball(radius)`,
        `Product(law)`, `Sampler(function)`, or "gaussian" for N(0, I/d) and "ball". Under N(0, s²
        I) and in a ball a net without biases, truth included, errs exactly as on the sphere, and
        has all its methods. Other nets under a Gaussian law have "points", "splitting" and
        "lines", straight ones, of exact normal mass; in a ball they have "points", "splitting",
        "lines" and "circles", great ones, as a ball is a sphere of two dimensions more, looked at
        in d coordinates. Products and samplers have "points".

    Returns
    -------
    Estimate
        Arcs: exact signs, the value rounded once, enclosed to a few ulps. Triangles: an enclosure,
        rigorous with its rounding, whatever the net. Points: an interval of Clopper and Pearson,
        which always covers.
        Circles, lines: means of independent shares, with an interval corrected for skewness, and
        longer for what may hide from all samples; it covers in the limit of many, if they meet the
        errors: benchmarks/coverage.py measures how well on the sphere. Lines look for places of
        errors where single neurons pull N down, and by descent, also from points that a short
        search by splitting finds. On spheres errors about the poles of such neurons give further
        directions; those that splitting or uniform great circles meet where no sample did make the
        verdict UNDECIDED. A place that none of them meets is left to chance, as it is with any
        sampling. Splitting is not vouched for where lines exclude its interval.
        Without a hit the value and `low` are 0, and `high` is 1 − ((1 − level)/2)^(1/samples).
        Values of N within a bound on their rounding error count as 0 for the value and `high`, not
        for `low`. At points of products and samplers, which may lie on kinks again and again, their
        signs are exact instead, while a few seconds of exact arithmetic suffice.

    Warns
    -----
    UserWarning
        A net with biases, or against a truth, with a `sample` whose law is that on the sphere, and
        whose inputs do not lie on it.

    Raises
    ------
    TypeError, ValueError
        No such net, method, law or seed, d = 1, arcs for d > 2, triangles for d ≠ 3, numbers out of
        range, regions under a law whose errors are not those on the sphere, a sampler that returns
        something else than finite points of shape (n, d).

    Cost, for width n: O(n log n) for arcs; a triangle O(n), of which generic nets need some 10⁴ for
    six digits; a point is O(n min(n, d)), a circle that and O(n log n);
    three layers add O(n1 n2) a point or circle.

    Examples
    --------
    >>> from highdim import TwoLayerNet, clean_error
    >>> found = clean_error(TwoLayerNet(v=[1.0, 1.0], W=[[1.0, 0.0], [0.0, 1.0]], b=None))
    >>> found.value, found.method
    (0.25, 'arcs')
    """
    require_network(net)
    _check_method(net, method)
    if sample is not None:
        _require_dimension(net, sample)
        truth = sample.truth if truth is None else truth
        law = law_meant(sample, law, anywhere=truth is None and without_biases(net))
    of_x = law_of(law, net.dimension)
    deep = truth is not None and isinstance(net, ThreeLayerNet)
    if truth is not None:
        truth = require_truth(truth, net.dimension)
        net = net if deep else agreement(net, truth)
    as_on_sphere = not deep and errs_as_on_sphere(net, of_x)
    if samples is not None:
        samples = check.count("samples", samples, least=2)
    level = check.probability("level", level, open_interval=True)
    precision = None if precision is None else _precision(precision)
    regions = check.flag("regions", regions)
    if regions and not as_on_sphere:
        raise ValueError(
            f"`regions` must not be asked for under the law {spelled(of_x.name)}, or of three"
            f" layers against a truth, got {regions!r}; they are known on the sphere, leave it out"
        )
    wanted = Wanted(method, samples, level, precision)
    subject = net.fingerprint if isinstance(of_x, Sphere) else f"{net.fingerprint} {of_x.name}"
    if truth is not None and deep:
        found = against_truth(net, truth, of_x, wanted, check.generator(rng))
        subject = f"{net.fingerprint} against {truth.fingerprint}"
    elif not as_on_sphere:
        found = under_law(net, of_x, wanted, check.generator(rng))
    else:
        found = on_sphere(net, wanted, rng)
        if regions or sample is not None:
            found = replace(found, regions=_regions(net, found, sample, rng))
    # statements about the net recognise its error by the subject
    return replace(found, law=of_x.name, _subject=subject)


def _precision(given: Any) -> float:
    precision = check.real("precision", given)
    if not precision > 0.0:
        raise ValueError(
            f"`precision` must be positive, got {precision}; pass e.g. 0.01 for one per cent"
        )
    return precision


def _regions(
    net: Network, found: Estimate, sample: SphereSample | None, rng: Any
) -> ErrorRegions | None:
    """Return the regions of an estimate, by draws of a stream of their own."""
    if found.high == 0.0:
        return None
    if found.intervals is not None:
        exact = on_circle(found.intervals, found.high - found.low, sample)
        if exact is not None:
            return exact
    level = found.level if found.level < 1.0 else LEVEL
    return sampled(normal_form(net), sample, check.generator(rng).spawn(2)[1], level)


def _require_dimension(net: Network, sample: SphereSample) -> None:
    require_sample(sample)
    if sample.dimension != net.dimension:
        raise ValueError(
            f"`sample` must have the dimension of the net, {net.dimension}, got"
            f" {sample.dimension}; pass the sample that it was trained on"
        )


def _check_method(net: Network, method: str) -> None:
    if not isinstance(method, str) or method not in METHODS:
        listed = ", ".join(map(repr, METHODS))
        raise ValueError(
            f"`method` must be one of {listed}, got {method!r}; 'auto' chooses by measured variance"
        )
    if net.dimension == 1:
        raise ValueError(
            "`net` must have inputs of dimension d >= 2, got 1; use univariate.ReluNet for scalar"
            " inputs"
        )
    if method == "arcs" and net.dimension > 2:
        raise ValueError(
            f"`method` must not be 'arcs' unless d = 2, got d = {net.dimension}; use 'circles' or"
            " 'lines'"
        )
    if method == "triangles" and net.dimension != 3:
        raise ValueError(
            f"`method` must not be 'triangles' unless d = 3, got d = {net.dimension}; use 'auto'"
        )
