"""Training on the sphere: gradient flow, and the descents that approximate it.

Time is the flow time τ of the *sum* loss L = Σ ℓ(y_i N(x_i)), whatever the method: full-batch
descent on the mean loss has τ = learning rate · epochs/m, mini-batch descent with batches of B has
τ = learning rate · epochs/B.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from highdim.problem.network import Network, ThreeLayerNet, require_network
from highdim.problem.sample import SphereSample, require_dimension, require_sample
from highdim.training import options
from highdim.training.batches import Batches
from highdim.training.descent import BatchDescent, Descent, Euler
from highdim.training.driver import drive
from highdim.training.following import Following, shares_in
from highdim.training.model import Model, build
from highdim.training.resuming import before, require_resumable, require_same_sample, trajectory
from highdim.training.run import Run
from highdim.training.settings import Asked, Measure, Settings
from highdim.training.spaces import Arrays
from highdim.training.stepper import Stepper
from highdim.training.stepping import state_of
from highdim.training.trajectory import Trajectory
from univariate.common import check

Seed = int | np.random.Generator | None

FLOW_TOLERANCE: Final = 0.005
"""Default error of a step of the flow: root mean square over the data, of N."""


def gradient_flow(  # noqa: PLR0913 (four methods, each with options of its own)
    net: Network,
    sample: SphereSample,
    *,
    method: str = "flow",
    loss: str = "logistic",
    flow_time: float | None = None,
    steps: int | None = None,
    margin: float | None = None,
    kkt_residual: float | None = None,
    patience: int | None = None,
    learning_rate: float = 0.1,
    batch_size: int | None = None,
    reduction: str = "mean",
    tolerance: float = FLOW_TOLERANCE,
    step_safety: float = 0.5,
    dtype: str = "float64",
    train_output: bool = True,
    space: str = "auto",
    rng: Seed = None,
    record: Sequence[float] = (),
    measure: Measure | None = None,
    resume: Trajectory | None = None,
    progress: bool = False,
    threads: int = 1,
) -> Trajectory:
    """Train a network.

    Parameters
    ----------
    net : TwoLayerNet or ThreeLayerNet
        The start; `init_network` draws one. All of its parameters are trained but for what
        `train_output` says, whatever was frozen in the module that it was converted from; biases
        that are None stay so, those that are zeros move.
    sample : SphereSample
    method : str
        "flow": the gradient flow dθ/dτ = −∇L, by steps that hold the tangent kernel fixed and solve
        for the activity of the neurons (`highdim.training.stepping`). "gd": θ ← θ − learning_rate ·
        ∇ of the mean or sum loss. "sgd": the same over mini-batches, in a fresh order every epoch.
        "euler": dθ/dτ = −∇L by explicit steps of `step_safety` over the largest curvature.
    loss : str
        "logistic" or "exponential".
    flow_time, steps, margin, kkt_residual : optional
        Stop at this τ, after so many steps, when the smallest margin reaches this, or in the first
        row whose `kkt_residuals` are at most this; at least one is needed, the first to be met
        counts. Steps before a `resume` count; "flow" and "euler" end at τ exactly. `kkt_residual`
        is from 1e-6 to 1, in float32 from 0.01; residuals fall slowly, because what is orthogonal
        to the data at the start remains, and by other methods than "flow" hardly at all.
    patience : int, optional
        Of "flow": end a run that does not interpolate as "no progress" if its loss falls by less
        than a twentieth while its work doubles, to this many products with the tangent kernel or
        more; one costs O(m²). Steps get ever stiffer where a net is stuck. Asked at half of this,
        and at every doubling since; work before a `resume` does not count.
    learning_rate : float
        Of "gd" and "sgd", below 1e9.
    batch_size : int
        Of "sgd", 1 to m; the last batch of an epoch may be smaller.
    reduction : str
        "mean" or "sum" over the (batch of) data, for "gd" and "sgd".
    tolerance : float
        Of a step of "flow": root mean square over the data of the error of N.
    step_safety : float
        Of "euler", in (0, 2).
    dtype : str
        "float64" or "float32", in which the steps are computed; the nets returned are float64.
    train_output : bool
        Whether output weights move; False for the setting of Theorem 4.3.
    space : str
        "gram": the first layer as coefficients of the data, at a cost independent of d. "weights":
        as it is. "auto": the cheaper one, weights for d < m/2.
    rng : int or numpy.random.Generator
        Of "sgd", which alone draws.
    record : sequence of float
        Increasing times τ at which to keep a snapshot of the net; "flow" and "euler" step there
        exactly.
    measure : callable, optional
        Called with the net at these times and at the end, for its clean error.
    resume : Trajectory, optional
        A run to go on with, on the same sample and with the same settings; `net` must be its end.
        The result is the same, to the last bit, as that of one run, if the part resumed ended after
        a step, by Ctrl-C or at a time in `record`.
    progress : bool
        Show a progress bar on stderr.
    threads : int
        BLAS threads. One per process, and a process per core, is fastest for many runs.

    Returns
    -------
    Trajectory
        However it ended: Ctrl-C ends it as "interrupted" after the step under way, and nothing is
        lost.

    Raises
    ------
    TypeError, ValueError
        An argument out of range, or arguments that do not fit together.

    Rounded; "flow" records error estimates. σ'(0) = 0. Cost of a step O(m² n) or O(m n d), for the
    first layer, and O(m n1 n2) for a second one; of "flow" a few times that and O(m²) times a few
    dozen. Same input, same bits. Source: Section 2, Theorem 2.1, Section 5; the Gram reduction and
    the integrator are new.

    Examples
    --------
    >>> from highdim import draw_sphere_sample, gradient_flow, init_network
    >>> sample = draw_sphere_sample(20, 50, 0.2, rng=0)
    >>> gradient_flow(init_network(16, 50, rng=0), sample, flow_time=5.0).status
    'time reached'
    """
    from threadpoolctl import threadpool_limits

    require_network(net)
    require_sample(sample)
    require_dimension(net, sample, "draw another one")
    options.moderate("net", net.parameters.values())
    options.moderate("sample", [sample.X])
    settings = Settings(
        **options.chosen(method=method, loss=loss, reduction=reduction, dtype=dtype),
        learning_rate=options.positive("learning_rate", learning_rate, below=options.LARGEST),
        batch_size=options.batch(method, batch_size, sample.size),
        tolerance=options.positive("tolerance", tolerance),
        step_safety=options.positive("step_safety", step_safety, below=2.0),
        train_output=check.flag("train_output", train_output),
        space=options.chosen_space(space, sample.size, sample.dimension),
        threads=check.count("threads", threads),
    )
    if patience is not None and method != "flow":
        raise ValueError(
            f"`patience` must be left out for `method` {method}, got {patience}; set `steps`"
        )
    goals = options.goals(flow_time, steps, margin, kkt_residual, settings.dtype, patience)
    if kkt_residual is not None:
        _require_homogeneous(net, kkt_residual)
    asked = Asked(sample.y, settings, goals, options.stops(record), options.measured(measure))
    start, kept = net, None
    if resume is not None:
        require_resumable(resume, net, asked)
        start, kept = resume.start, resume._checkpoint
    model = build(
        start, sample.X, settings.space, np.dtype(settings.dtype), settings.train_output, kept
    )
    with threadpool_limits(settings.threads):
        run = Run(asked, _stepper(asked, model, kept, rng), before(resume))
        if resume is not None:
            require_same_sample(run, resume)
        drive(run, progress=progress)
    return trajectory(run, start, resume)


def _stepper(asked: Asked, model: Model, kept: Arrays | None, rng: Seed) -> Stepper:
    """Return the method asked for, at its start or as a checkpoint left it."""
    y, settings = asked.y, asked.settings
    arrays = kept or {}
    match settings.method:
        case "flow":
            state = state_of(model, shares_in(arrays))
            return Following.of(state, y, settings, float(arrays.get("next_step", 0.0)))
        case "euler":
            fastest, loss = (float(arrays.get(name, 0.0)) for name in ("fastest", "before"))
            return Euler(model, y, settings, fastest, loss)
        case "sgd" if kept is not None:
            batches = Batches.from_arrays(settings.batch_size, kept)
        case "sgd":
            batches = Batches(len(y), settings.batch_size, check.generator(rng))
        case _:
            return Descent(model, y, settings)
    return BatchDescent(model, y, settings, batches)


def _require_homogeneous(net: Network, kkt_residual: float) -> None:
    if isinstance(net, ThreeLayerNet) and net.b2 is not None:
        raise ValueError(
            "`kkt_residual` must be left out for three layers with biases b2, in which N is not"
            f" homogeneous, got {kkt_residual:g}; pass `margin`, or draw the net with bias=False"
        )
