"""A training run of a sweep: its configuration, and what is measured.

A run is a pure function of its configuration. Its sample depends on m, d, distribution and seed
only, labels on p besides: one seed gives the same inputs, and the same uniform numbers behind the
labels, at every noise level.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from itertools import product
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from highdim.error.clean_error import clean_error
from highdim.error.estimate import Estimate
from highdim.optimum.orthogonal_limit import orthogonal_limit
from highdim.problem.sample import SphereSample, draw_sphere_sample
from highdim.sweeps.polishing import polished_record
from highdim.sweeps.store import ERROR_LAW, Record
from highdim.training.flow import FLOW_TOLERANCE, gradient_flow
from highdim.training.starts import init_network
from highdim.training.trajectory import Trajectory
from univariate.common import check
from univariate.common.result import Result

LONGEST_FLOW: Final = 1e12
_LARGEST: Final = 2**31 - 1
_NEW: Final = (("polish", False),)  # fields that came later, and what was done before
_SAMPLE, _START, _BATCHES, _ERROR, _POLISHED = range(1, 6)  # first words of seeds


@dataclass(frozen=True, repr=False)
class RunConfig(Result):
    """One training run.

    Fields as the arguments of `draw_sphere_sample`, `init_network`, `gradient_flow`.

    Attributes
    ----------
    error_precision : float
        Relative half width to which the clean error is estimated.
    error_samples : int
        At most so many circles, lines or points for it.
    polish : bool
        Polish the net to the KKT point nearby, and record that too; two layers only.
    """

    m: int
    d: int
    p: float
    seed: int = 0
    width: int = 1000
    depth: int = 2
    bias: bool = True
    train_output: bool = True
    scheme: str = "pytorch"
    scale: float = 1.0
    distribution: str = "sphere"
    method: str = "flow"
    loss: str = "logistic"
    flow_time: float = 4.0
    tolerance: float = FLOW_TOLERANCE
    learning_rate: float = 0.1
    batch_size: int | None = None
    reduction: str = "mean"
    dtype: str = "float32"
    error_precision: float = 0.01
    error_samples: int = 100_000
    polish: bool = False

    def __post_init__(self) -> None:
        """Refuse before anything is trained; what else is wrong, the functions named above refuse.

        Raises
        ------
        TypeError, ValueError
            Numbers out of range.
        """
        for field in fields(self):
            # numbers of numpy's are those of Python's, in keys and in files
            value = getattr(self, field.name)
            if isinstance(value, np.generic):
                object.__setattr__(self, field.name, value.item())
        for name, least in (("m", 1), ("d", 2), ("width", 1), ("seed", 0), ("depth", 2)):
            size = check.count(name, getattr(self, name), least=least)
            if name != "seed" and size > _LARGEST:
                raise ValueError(f"`{name}` must be at most {_LARGEST:,}, got {size:,}; lower it")
        if self.depth > 3:
            raise ValueError(f"`depth` must be 2 or 3, got {self.depth}; train other nets yourself")
        if self.polish and self.depth != 2:
            raise ValueError(
                f"`polish` must be left out at depth {self.depth}: Problem (1) is about two layers"
            )
        check.probability("p", self.p)
        for name in ("flow_time", "learning_rate", "error_precision", "tolerance"):
            value = check.real(name, getattr(self, name))
            if not value > 0.0:
                raise ValueError(f"`{name}` must be positive, got {value}; leave it out")
        if self.flow_time > LONGEST_FLOW:
            raise ValueError(
                f"`flow_time` must be at most {LONGEST_FLOW:g}, got {self.flow_time:g}: a net that"
                " cannot interpolate would never end; lower it"
            )

    def sample(self) -> SphereSample:
        """Draw the run's sample."""
        rng = np.random.default_rng([_SAMPLE, self.m, self.d, self.seed])
        return draw_sphere_sample(self.m, self.d, self.p, rng=rng, distribution=self.distribution)

    @property
    def key(self) -> Record:
        """What a store recognises the run by: its fields, without those that stores of before do
        not have, where they are as they were; off the sphere the law of its clean error besides, as
        stores of before hold errors on the sphere for all distributions.
        """
        found = {name: value for name, value in asdict(self).items() if (name, value) not in _NEW}
        if self.distribution != "sphere":
            found[ERROR_LAW] = self.distribution
        return found

    def words(self, purpose: int) -> list[int]:
        """Return the seed of one of the other draws; it does not depend on p."""
        return [purpose, self.m, self.d, self.width, self.depth, self.seed]


def grid(**choices: Any) -> list[RunConfig]:
    """Return the configurations of a product: `grid(m=500, d=(250, 2000), p=(0.1, 0.2),
    seed=range(4))`.

    Every argument is a field of `RunConfig`, one value or an iterable of them.

    Raises
    ------
    TypeError
        An unknown field, or m, d or p missing.
    ValueError
        A field without values, or values that no run can have.
    """
    known = {field.name for field in fields(RunConfig)}
    unknown = sorted(choices.keys() - known)
    if unknown:
        raise TypeError(
            f"`{unknown[0]}` is no field of RunConfig; fields are {', '.join(sorted(known))}"
        )
    lists = {name: list(one) if _is_many(one) else [one] for name, one in choices.items()}
    empty = [name for name, values in lists.items() if not values]
    if empty:
        raise ValueError(f"`{empty[0]}` must not be empty; pass one value, or a list of them")
    return [RunConfig(**dict(zip(lists, one, strict=True))) for one in product(*lists.values())]


def run_one(configuration: RunConfig) -> Record:
    """Draw, train, and measure. Same configuration, same record, but for `seconds`.

    Rounded; the clean error is estimated with a 95 % interval. Raises KeyboardInterrupt where the
    training is interrupted: half a run is no record. Cost that of `gradient_flow`.
    """
    start = perf_counter()
    one = configuration
    sample = one.sample()
    net = init_network(
        one.width,
        one.d,
        depth=one.depth,
        bias=one.bias,
        train_output=one.train_output,
        scheme=one.scheme,
        scale=one.scale,
        rng=np.random.default_rng(one.words(_START)),
    )
    run = gradient_flow(net, sample, **_training(one))
    if run.status == "interrupted":
        raise KeyboardInterrupt
    asked: dict[str, Any] = {"precision": one.error_precision, "samples": one.error_samples}
    rng = np.random.default_rng(one.words(_ERROR))
    error = clean_error(run.net, law=sample.law, rng=rng, **asked)
    plus = int(np.sum(sample.y > 0.0))
    predicted = orthogonal_limit(plus, one.m - plus).predicted_clean_error(one.d)
    trained = _trained(run, sample.y * run.net(sample.X))
    measured = {
        "noise_rate": sample.noise_rate,
        **_estimated(error),
        "predicted_clean_error": predicted,
    }
    if one.polish:
        rng = np.random.default_rng(one.words(_POLISHED))
        kind = {"train_output": one.train_output, "bias": one.bias}
        measured |= polished_record(run.net, sample, **kind, error=asked | {"rng": rng})
    return trained | measured | {"seconds": perf_counter() - start}


def _trained(run: Trajectory, margins: NDArray[np.float64]) -> Record:
    """Return what a record says about the training."""
    return {
        "status": run.status,
        "interpolates": bool(margins.min() > 0.0),
        "training_error": float(np.mean(margins <= 0.0)),
        "smallest_margin": float(margins.min()),
        "normalised_margin": float(run.normalised_margins[-1]),
        "norm_squared": run.net.norm_squared,
        "flow_time_reached": run.flow_time,
        "interpolation_time": run.interpolation_time,
        "steps": run.steps,
        "loss_reached": float(run.losses[-1]),
    }


def _estimated(error: Estimate) -> Record:
    """Return what a record says about the clean error."""
    # the logarithm of an estimate of exactly 0 is no number of JSON
    known = error.value > 0.0 or error.log10_value > -1e300
    return {
        "clean_error": error.value,
        "clean_error_low": error.low,
        "clean_error_high": error.high,
        "log10_clean_error": error.log10_value if known else None,
        "error_method": error.method,
        "error_drawn": error.samples,
    }


def _training(one: RunConfig) -> dict[str, Any]:
    """Return the arguments of `gradient_flow`."""
    names = ("method", "loss", "flow_time", "tolerance", "dtype", "train_output")
    chosen = {name: getattr(one, name) for name in names}
    if one.method != "flow":
        chosen |= {"learning_rate": one.learning_rate, "reduction": one.reduction}
    if one.method == "sgd":
        chosen |= {"batch_size": one.batch_size, "rng": np.random.default_rng(one.words(_BATCHES))}
    return chosen


def _is_many(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)
