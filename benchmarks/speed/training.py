"""Rows about training in one dimension: the loss gradient against dense autograd, and its growth
with the size; growth of a whole flow; a step of the flow against sorting, its linear system against
dense algebra; a KKT point in seconds.
"""

from collections.abc import Callable
from functools import partial
from time import process_time

import numpy as np

import univariate
from benchmarks.speed.comparisons import Comparison, clock
from benchmarks.speed.tangent import stiffen, tangent_kernel
from univariate.training import implicit, states
from univariate.training.kernels import linear_system

AGREEMENT = 1e-9  # of two gradients, relative to the largest entry


def gradient() -> Comparison:
    """A full batch of 10⁴ observations through 10⁴ neurons; PyTorch forms all 10⁸ activations, in
    float64.
    """
    import torch

    net, sample = wide_pair(10**4)
    v, w, b = (torch.tensor(part, requires_grad=True) for part in (net.v, net.w, net.b))
    x = torch.tensor(sample.x)
    y = torch.tensor(sample.y)

    def dense() -> None:
        for part in (v, w, b):
            part.grad = None
        margins = y * (torch.relu(torch.outer(x, w) + b) @ v)
        torch.nn.functional.softplus(-margins).sum().backward()

    dense()
    ours = univariate.loss_and_gradient(net, sample)
    for mine, theirs in ((ours.v, v.grad), (ours.w, w.grad), (ours.b, b.grad)):
        if np.abs(mine - theirs.numpy()).max() > AGREEMENT * np.abs(mine).max():
            raise ArithmeticError("loss_and_gradient and PyTorch disagree")
    return Comparison(
        clock(lambda: univariate.loss_and_gradient(net, sample)),
        clock(dense),
        f"PyTorch autograd, dense float64, {torch.get_num_threads()} threads",
        "≥ 1000",
        5,
        "ours sorts and validates at every call",
    )


def growth() -> Comparison:
    """A hundred times the size should take about a hundred times as long."""
    large = wide_pair(10**6)
    small = wide_pair(10**4)
    return Comparison(
        clock(lambda: univariate.loss_and_gradient(*large)),
        clock(lambda: univariate.loss_and_gradient(*small)),
        "the same at n = m = 10⁴",
        "≤ 300",
        7,
        "memory for 10⁶ does not fit the caches",
    )


def step() -> Comparison:
    """One implicit step of 10⁵ data and neurons, with all corrections of its guess; a short one, as
    steps are while most data are wrong.
    """
    net, sample = wide_pair(10**5)
    data = states.Data(sample.x, sample.y, "logistic")
    state = states.state_of(np.stack([net.v, net.w, net.b]), data)
    return Comparison(
        clock(lambda: implicit.implicit_step(state, data, 1e-3)),
        clock(lambda: np.argsort(net.v)),
        "numpy.argsort of m float64",
        "≤ 200",
        5,
    )


def system() -> Comparison:
    """The linear system of a step at n = m = 2000, from the net to the solution, without the rank-
    two term of the loss.
    """
    from scipy.linalg import cho_factor, cho_solve

    net, sample = wide_pair(2000)
    v, w, b, x = net.v, net.w, net.b, sample.x
    cell = states.state_of(np.stack([v, w, b]), states.Data(x, sample.y, "logistic")).cell
    held = np.full(len(v), np.nan)
    rng = np.random.default_rng(1)
    weights = np.exp(rng.normal(size=len(x)))
    right = rng.normal(size=len(x))
    nothing = np.zeros(len(x))

    def fast() -> np.ndarray:
        increments = linear_system.increments(v, w, b, held, x, cell)
        return linear_system.solved(linear_system.eliminate(x, weights, *increments), right)

    def dense() -> np.ndarray:
        matrix = tangent_kernel(v, w, b, held, x, cell, np.arange(len(x)))
        stiffen(matrix, weights, nothing, nothing, 1.0)
        factor = cho_factor(matrix.T, lower=False, overwrite_a=True, check_finite=False)
        return np.asarray(cho_solve(factor, right, check_finite=False))

    if np.abs(fast() - dense()).max() > AGREEMENT * np.abs(dense()).max():
        raise ArithmeticError("the filter and the dense solution disagree")
    return Comparison(
        clock(fast),
        clock(dense),
        "the tangent kernel, dense, and Cholesky's factors (scipy.linalg)",
        "≥ 100",
        5,
        "a step solves such systems several times",
    )


def flow_growth(large: int, small: int) -> Comparison:
    """The gradient flow to margin 100 at two sizes: m^1.8 at most."""
    bound = (large / small) ** 1.8
    return Comparison(
        clock(partial(_to_margin_100, *spread_pair(large))),
        clock(partial(_to_margin_100, *spread_pair(small))),
        f"the same at m = {small}",
        f"≤ {bound:.3g}",
        3,
        f"({large}/{small})^1.8",
    )


def _to_margin_100(net: univariate.ReluNet, sample: univariate.Sample) -> None:
    found = univariate.gradient_flow(net, sample, margin=100.0)
    if found.status != "margin reached":
        raise ArithmeticError(f"the flow did not arrive: {found.reason}")


def polishing() -> Comparison:
    """From a net that interpolates ten thousand points, with kinks in most cells."""
    sample = univariate.draw_sample(10**4, 0.2, rng=0)
    net = polygon_with_cut_corners(sample, 0)
    found = univariate.kkt_point(net, sample)
    if found.certificate.verdict is not univariate.Verdict.HOLDS:
        raise ArithmeticError(found.certificate.reason)
    return Comparison(
        clock(lambda: univariate.kkt_point(net, sample), timer=process_time),
        None,
        "",
        "< 60",
        1,
        f"processor time, n = {net.width}, certified to {found.certificate.accuracy:.1g}",
    )


ROWS: dict[str, Callable[[], Comparison]] = {
    "flow to margin 100, growth to m = 400": partial(flow_growth, 400, 100),
    "implicit step of the flow, n = m = 10⁵": step,
    "its linear system, n = m = 2000": system,
    "loss gradient, n = m = 10⁴": gradient,
    "loss gradient, n = m = 10⁶": growth,
    "kkt_point, m = 10⁴, n = 2·10⁴": polishing,
}


def spread_pair(m: int) -> tuple[univariate.ReluNet, univariate.Sample]:
    """Return a spread start and its sample."""
    sample = univariate.draw_sample(m, 0.2, rng=1)
    return univariate.init_network(sample, rng=101), sample


def wide_pair(size: int) -> tuple[univariate.ReluNet, univariate.Sample]:
    """Return a net with kinks all over [0, 1], and a sample, both of this size."""
    rng = np.random.default_rng(0)
    sample = univariate.draw_sample(size, 0.2, rng=rng)
    w = rng.normal(size=size)
    return univariate.ReluNet(rng.normal(size=size) / size, w, -w * rng.random(size)), sample


def polygon_with_cut_corners(sample: univariate.Sample, seed: int) -> univariate.ReluNet:
    """Return a net of 2 m − 2 neurons that interpolates: a polygon through y_i times 1 to 2, each
    corner cut by two kinks beside its datum, of either orientation.
    """
    rng = np.random.default_rng(seed)
    heights = sample.y * (1.0 + rng.random(sample.size))
    slopes = np.diff(heights) / sample.gaps
    before, after = 0.2 * rng.random((2, sample.size - 2)) * (sample.gaps[:-1], sample.gaps[1:])
    bends = np.diff(slopes) / (before + after)
    kinks = np.concatenate([sample.x[1:-1] - before, sample.x[1:-1] + after])
    v = np.concatenate([bends * after, bends * before])
    left = rng.random(len(v)) < 0.5
    slope = slopes[0] + v[left].sum()
    rise = heights[0] - slopes[0] * sample.x[0] - v[left] @ kinks[left]
    w = np.where(left, -1.0, 1.0)
    # slope·x + rise by neurons that are active on all of [0, 1]
    v = np.append(v, [slope, rise - slope])
    net = univariate.ReluNet(v, np.append(w, [1.0, 0.0]), np.append(-w * kinks, [1.0, 1.0]))
    return net.balanced()
