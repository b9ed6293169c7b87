"""Rows about training on the sphere: one step of descent against dense autograd and against its
bare matrix product.

Sizes are those of Figure 1, float32, one thread for all. A step is timed inside a run, without what
happens once: Gram matrix, first pre-activations, weights at the end.
"""

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import highdim
from benchmarks.speed.comparisons import Clock, Comparison, clock
from highdim.training.descent import Descent
from highdim.training.model import build
from highdim.training.run import Before, Run
from highdim.training.settings import Asked, Settings

M = 500
WIDTH = 1000
NOISE = 0.3
LEARNING_RATE = 0.1
EPOCHS = 20_000
AGREEMENT = 1e-4  # of outputs after a few steps in float32


class Problem(NamedTuple):
    """A sample, a start, and a run of descent under way."""

    sample: highdim.SphereSample
    net: highdim.TwoLayerNet
    run: Run
    steps: Iterator[None]


def against_torch() -> Comparison:
    """PyTorch's full-batch step: forward, backward, SGD."""
    import torch

    problem = begun(10**4)
    model = torch.nn.Sequential(
        torch.nn.Linear(10**4, WIDTH), torch.nn.ReLU(), torch.nn.Linear(WIDTH, 1, bias=False)
    )
    state = {"0.weight": problem.net.W, "0.bias": problem.net.b, "2.weight": problem.net.v[None, :]}
    model.load_state_dict(
        {name: torch.tensor(part.astype(np.float32)) for name, part in state.items()}
    )
    x, y = (torch.tensor(part.astype(np.float32)) for part in (problem.sample.X, problem.sample.y))
    optimiser = torch.optim.SGD(model.parameters(), LEARNING_RATE)

    def dense() -> None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        optimiser.zero_grad()
        torch.nn.functional.softplus(-y * model(x)[:, 0]).mean().backward()
        optimiser.step()
        torch.set_num_threads(threads)

    for _ in range(3):
        dense()
        next(problem.steps)
    with torch.no_grad():
        theirs = model(x)[:, 0].numpy()
    _require_agreement(problem.run.model.forward().outputs, theirs)
    return Comparison(
        single(lambda: next(problem.steps)),
        clock(dense),
        "PyTorch full batch, float32, one thread",
        "≥ 40",
        15,
        f"m = {M}, n = {WIDTH}, d = 10000, float32, one thread",
    )


def against_the_product() -> Comparison:
    """The m × m × n product that no step can do without, by the same BLAS."""
    problem = begun(10**4)
    A = np.ascontiguousarray(problem.run.model.arrays()["A"])
    G = problem.run.model.first.kernel
    out = np.empty_like(A)
    return Comparison(
        single(lambda: next(problem.steps)),
        single(lambda: np.matmul(A, G, out=out)),
        "numpy.matmul of (n, m) by (m, m), float32, one thread",
        "≥ 0.85",
        41,
        f"m = {M}, n = {WIDTH}, whatever d; the ratio is the share of the product in a step",
    )


def flow_against_descent() -> Comparison:
    """A whole run to the flow time of 20,000 epochs, all that happens once included; of descent the
    steps alone.
    """
    problem = begun(2000)
    counted = 100
    options: dict[str, Any] = {"flow_time": LEARNING_RATE * EPOCHS / M, "dtype": "float32"}
    found = highdim.gradient_flow(problem.net, problem.sample, **options)

    def some_steps() -> None:
        for _ in range(counted):
            next(problem.steps)

    return Comparison(
        clock(lambda: highdim.gradient_flow(problem.net, problem.sample, **options)),
        single(some_steps, share=counted / EPOCHS),
        f'"gd" for {EPOCHS} steps',
        "≥ 10",
        3,
        f"m = {M}, n = {WIDTH}, d = 2000, {found.steps} steps; reference timed on {counted} steps"
        " and scaled",
    )


ROWS: dict[str, Callable[[], Comparison]] = {
    "sphere: a step, d = 10⁴": against_torch,
    "sphere: a step, bare product": against_the_product,
    "sphere: flow to τ = 4": flow_against_descent,
}


def begun(d: int) -> Problem:
    """Return a run of full-batch descent in Gram space, to be taken for half done: rows are rare by
    then.
    """
    sample = highdim.draw_sphere_sample(M, d, NOISE, rng=0)
    net = highdim.init_network(WIDTH, d, rng=1)
    if not isinstance(net, highdim.TwoLayerNet):
        raise TypeError("two layers are wanted")
    settings = Settings(method="gd", learning_rate=LEARNING_RATE, dtype="float32", space="gram")
    model = build(net, sample.X, "gram", np.dtype("float32"), True, None)
    descent = Descent(model, sample.y, settings)
    run = Run(Asked(sample.y, settings), descent, Before(step=EPOCHS // 2))
    return Problem(sample, net, run, run.steps())


def single(call: Callable[[], object], *, share: float = 1.0, timer: Clock = perf_counter) -> Clock:
    """Return a clock for a call with one BLAS thread."""
    with threadpool_limits(1):
        seconds = clock(call, share=share, timer=timer)

    def limited() -> float:
        with threadpool_limits(1):
            return seconds()

    return limited


def _require_agreement(ours: NDArray[Any], theirs: NDArray[Any]) -> None:
    if np.abs(ours - theirs).max() > AGREEMENT:
        raise ArithmeticError("gradient_flow and PyTorch disagree")
