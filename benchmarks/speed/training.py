"""Rows about training in one dimension: the loss gradient against dense autograd, and its growth
with the size.
"""

from collections.abc import Callable

import numpy as np

import univariate
from benchmarks.speed.comparisons import Comparison, clock

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


ROWS: dict[str, Callable[[], Comparison]] = {
    "loss gradient, n = m = 10⁴": gradient,
    "loss gradient, n = m = 10⁶": growth,
}


def wide_pair(size: int) -> tuple[univariate.ReluNet, univariate.Sample]:
    """Return a net with kinks all over [0, 1], and a sample, both of this size."""
    rng = np.random.default_rng(0)
    sample = univariate.draw_sample(size, 0.2, rng=rng)
    w = rng.normal(size=size)
    return univariate.ReluNet(rng.normal(size=size) / size, w, -w * rng.random(size)), sample
