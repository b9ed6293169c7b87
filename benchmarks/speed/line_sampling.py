"""A row for the table of ratios: an error below 10⁻¹² to one per cent, pilots and search for
directions included.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter

import highdim
from benchmarks.speed.comparisons import Comparison
from benchmarks.speed.sphere import single

PRECISION, RARE = 0.01, 1e-12
POINTS = 10_000  # that are timed; how many one per cent would take is known
FACTOR = (1.959964 / PRECISION) ** 2


def line_sampling(width: int = 100) -> Comparison:
    """A net trained on the sphere, m = 200, d = 3000, p = .05: nearly linear, hence benign.

    Raises
    ------
    ArithmeticError
        The error is not that rare, or not that well known, so the row would be about something
        else.
    """
    net = rare_net(width)
    estimate = partial(highdim.clean_error, net, rng=0, precision=PRECISION)
    found = estimate()
    half_width = (found.high - found.low) / (2.0 * found.value)
    if not (found.value < RARE and half_width <= PRECISION):
        raise ArithmeticError(f"the clean error is {found.value:.3g} to {half_width:.2g}")
    start = perf_counter()
    highdim.clean_error(net, method="points", samples=POINTS, rng=0)
    years = (perf_counter() - start) / POINTS * FACTOR / found.value / (365.25 * 24 * 3600)
    return Comparison(
        single(estimate),
        None,
        "",
        "< 1",
        5,
        f"n = {width}, d = 3000, one thread, clean error {found.value:.3g} ± {half_width:.1%} by"
        f" {found.samples} {found.method}; points would take {years:.1g} years",
    )


def rare_net(width: int) -> highdim.TwoLayerNet | highdim.ThreeLayerNet:
    """Gradient flow to an interpolation."""
    sample = highdim.draw_sphere_sample(200, 3000, 0.05, rng=0)
    start = highdim.init_network(width, 3000, rng=0)
    return highdim.gradient_flow(start, sample, flow_time=200.0).net


ROWS: dict[str, Callable[[], Comparison]] = {
    "line sampling, error < 10⁻¹²": line_sampling,
    "line sampling, error < 10⁻¹², n = 1000": partial(line_sampling, 1000),
}
