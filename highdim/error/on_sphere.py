"""Clean errors for x uniform on the sphere: exact for d = 2, enclosed for d = 3, or sampled."""

from dataclasses import replace
from typing import Any, Final

from highdim.error.arcs.circle import error_on_circle
from highdim.error.estimate import Estimate, enclosure
from highdim.error.form import Form, normal_form
from highdim.error.sampling import by_sampling
from highdim.error.triangles import CELLS, PRECISION, error_on_sphere
from highdim.error.wanted import Wanted
from highdim.problem.network import Network
from univariate.common import check

NARROW: Final = 0.01  # half width of an enclosure, relative, that asks for no sample


def on_sphere(net: Network, wanted: Wanted, rng: Any) -> Estimate:
    """Return the clean error by the method that is wanted; `rng` is looked at by methods that draw
    only.
    """
    method, samples, _, precision = wanted
    if net.dimension == 2 and method in ("auto", "arcs"):
        return _by_arcs(net)
    form = normal_form(net)
    if method == "triangles":
        return _by_triangles(form, samples, precision)
    generator = check.generator(rng)
    if form.d != 3 or method != "auto":
        return by_sampling(form, wanted, generator)
    enclosed = _by_triangles(form, None, precision)
    if _narrow(enclosed, NARROW if precision is None else precision):
        return enclosed
    return _within(by_sampling(form, wanted, generator), enclosed)


def _by_arcs(net: Network) -> Estimate:
    found = error_on_circle(net)
    arcs = enclosure(found.value, found.low, found.high, 0, "arcs")
    return replace(arcs, exact=found.exact, intervals=found.intervals)


def _by_triangles(form: Form, samples: int | None, precision: float | None) -> Estimate:
    wanted = PRECISION if precision is None else precision
    found = error_on_sphere(form, wanted, samples or CELLS)
    enclosed = enclosure(*found, "triangles")
    if _narrow(enclosed, wanted):
        return enclosed
    note = f"precision {wanted:g} not reached with {found.cells} triangles"
    return replace(enclosed, note=note)


def _narrow(found: Estimate, precision: float) -> bool:
    """Return whether half the interval is at most a part of its middle."""
    return found.high - found.low <= precision * (found.high + found.low)


def _within(sampled: Estimate, enclosed: Estimate) -> Estimate:
    """Return a sampled estimate cut to an enclosure; the enclosure if the two exclude each
    other.
    """
    low = max(sampled.low, enclosed.low)
    high = min(sampled.high, enclosed.high)
    if low > high:
        return enclosed
    value = min(max(sampled.value, low), high)
    log_low = max(sampled.log10_low, enclosed.log10_low)
    log_high = min(sampled.log10_high, enclosed.log10_high)
    return replace(
        sampled,
        value=value,
        low=low,
        high=high,
        log10_value=min(max(sampled.log10_value, log_low), log_high),
        log10_low=log_low,
        log10_high=log_high,
    )
