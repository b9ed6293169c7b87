"""The configuration of a training run of a sweep, and grids of them.

A run is a pure function of its configuration. Its sample depends on m, d, distribution and seed
only, labels on p besides: one seed gives the same inputs, and the same uniform numbers behind the
labels, at every noise level.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, fields
from itertools import product
from typing import Any, Final

import numpy as np

from highdim.error.clean_error import clean_error
from highdim.error.estimate import Estimate
from highdim.problem.draws import draw_sphere_sample
from highdim.problem.network import Network
from highdim.problem.recognised import DISTRIBUTIONS, law_of
from highdim.problem.sample import SphereSample
from highdim.sweeps.rows import configuration
from highdim.sweeps.store import ERROR_LAW, Record
from highdim.training import options
from highdim.training.flow import FLOW_TOLERANCE, gradient_flow
from highdim.training.starts import SCHEMES, init_network, require_halves
from highdim.training.trajectory import Trajectory
from univariate.common import check
from univariate.common.result import Result, result

LONGEST_FLOW: Final = 1e12
_LARGEST: Final = 2**31 - 1
_WORDS: Final[dict[str, Collection[str]]] = {
    "scheme": SCHEMES,
    "distribution": DISTRIBUTIONS,
    **{name: options.CHOICES[name] for name in ("method", "loss", "reduction", "dtype")},
}
_NEW: Final = (("polish", False),)  # fields that older stores lack, with their defaults
_REALS: Final = ("p", "scale", "flow_time", "tolerance", "learning_rate", "error_precision")
SAMPLE, START, BATCHES, ERROR, POLISHED = range(1, 6)  # first words of seeds


@result
class RunConfig(Result):
    """One training run; `sample`, `train` and `clean_error` do it again, a row of `sweep` has the
    numbers.

    Fields as the arguments of `draw_sphere_sample`, `init_network`, `gradient_flow`, but for the
    seed.

    Attributes
    ----------
    seed : int
        What is drawn depends on it and on the sizes, not on it alone: the sample is that of no
        `rng=seed`, and none that `highdim report --rng` draws.
    error_precision : float
        Relative half width to which the clean error is estimated.
    error_samples : int
        At most so many circles, lines or points for it.
    polish : bool
        Polish the net to the KKT point nearby, and record that too; two layers only.

    Examples
    --------
    >>> from highdim import RunConfig
    >>> one = RunConfig(m=20, d=20, p=0.3, seed=1, width=50)
    >>> one.sample().noise_rate
    0.55
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
        """Refuse what cannot be trained before anything is: a sweep should not end in its last run.

        Raises
        ------
        TypeError, ValueError
            Numbers out of range, unknown words, or settings that do not fit together.
        """
        for field in fields(self):
            # numbers of numpy's are those of Python's, in keys and in files
            value = getattr(self, field.name)
            if isinstance(value, np.generic):
                object.__setattr__(self, field.name, value.item())
        _require_sizes(self)
        _require_training(self)
        for name in _REALS:
            # 5 is 5.0, also in keys; so are −0.0 and 0.0
            object.__setattr__(self, name, float(getattr(self, name)) + 0.0)

    @classmethod
    def of(cls, row: Record) -> "RunConfig":
        """Return the configuration of a row of `sweep`, or of its table as pandas reads that.

        Raises
        ------
        TypeError, ValueError
            No row, one without all columns of a configuration, or values that no run can have.
        """
        names = [field.name for field in fields(cls)]
        return cls(**configuration(row, names, optional=dict(_NEW)))

    def sample(self) -> SphereSample:
        """Draw the run's sample."""
        rng = np.random.default_rng([SAMPLE, self.m, self.d, self.seed])
        return draw_sphere_sample(self.m, self.d, self.p, rng=rng, distribution=self.distribution)

    def start(self) -> Network:
        """Draw the net that the run's training begins with."""
        return init_network(
            self.width,
            self.d,
            depth=self.depth,
            bias=self.bias,
            train_output=self.train_output,
            scheme=self.scheme,
            scale=self.scale,
            rng=np.random.default_rng(self.words(START)),
        )

    def train(self, sample: SphereSample | None = None, *, progress: bool = False) -> Trajectory:
        """Train as the run does; `net` of what comes out is that of its row, before it is polished.

        `sample` is what `sample` returns, drawn if left out. Same configuration, same bits on one
        machine with one number of threads; cost and Ctrl-C as those of `gradient_flow`.
        """
        drawn = self.sample() if sample is None else sample
        return gradient_flow(self.start(), drawn, progress=progress, **_training(self))

    def clean_error(self, net: Network) -> Estimate:
        """Estimate the clean error of a net as the run does, with the same draws: of the net of
        `train`, the number of the row.
        """
        return clean_error(
            net,
            law=law_of(self.distribution, self.d),
            rng=np.random.default_rng(self.words(ERROR)),
            precision=self.error_precision,
            samples=self.error_samples,
        )

    @property
    def key(self) -> Record:
        """What a store recognises the run by: its fields.

        Fields that older stores lack are left out where they have their default. Off the sphere the
        law of the clean error is added: older stores hold errors on the sphere for all
        distributions.
        """
        found = {name: value for name, value in asdict(self).items() if (name, value) not in _NEW}
        if self.distribution != "sphere":
            found[ERROR_LAW] = self.distribution
        return found

    def words(self, purpose: int) -> list[int]:
        """Return the seed of one of the other draws; it does not depend on p."""
        return [purpose, self.m, self.d, self.width, self.depth, self.seed]


def _require_sizes(one: RunConfig) -> None:
    """Refuse sizes, seeds and noise levels out of range."""
    for name, least in (("m", 1), ("d", 2), ("width", 1), ("seed", 0), ("depth", 2)):
        size = check.count(name, getattr(one, name), least=least)
        if name != "seed" and size > _LARGEST:
            raise ValueError(f"`{name}` must be at most {_LARGEST:,}, got {size:,}; lower it")
    if one.depth > 3:
        raise ValueError(f"`depth` must be 2 or 3, got {one.depth}; train other nets yourself")
    check.probability("p", one.p)


def _require_training(one: RunConfig) -> None:
    """Refuse settings that the training, or the estimate of the clean error, would refuse."""
    for name, words in _WORDS.items():
        check.choice(name, getattr(one, name), words)
    for name in ("bias", "train_output", "polish"):
        check.flag(name, getattr(one, name))
    if one.polish and one.depth != 2:
        raise ValueError(
            f"`polish` must be left out at depth {one.depth}: Problem (1) is about two layers"
        )
    for name in _REALS:
        value = check.real(name, getattr(one, name))
        if name != "p" and not value > 0.0:
            raise ValueError(f"`{name}` must be positive, got {value}; leave it out")
    if one.flow_time > LONGEST_FLOW:
        raise ValueError(
            f"`flow_time` must be at most {LONGEST_FLOW:g}, got {one.flow_time:g}: a net that"
            " cannot interpolate would never end; lower it"
        )
    check.count("error_samples", one.error_samples, least=2)
    if one.method == "sgd":
        options.batch(one.method, one.batch_size, one.m)
    if not one.train_output:
        require_halves(one.width)


def _training(one: RunConfig) -> dict[str, Any]:
    """Return the arguments of `gradient_flow`."""
    names = ("method", "loss", "flow_time", "tolerance", "dtype", "train_output")
    chosen = {name: getattr(one, name) for name in names}
    if one.method != "flow":
        chosen |= {"learning_rate": one.learning_rate, "reduction": one.reduction}
    if one.method == "sgd":
        chosen |= {"batch_size": one.batch_size, "rng": np.random.default_rng(one.words(BATCHES))}
    return chosen


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


def _is_many(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)
