"""The options of `univariate train`: checked against one another, and turned into a sample, a start
and a run.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from univariate.common import check
from univariate.common.labels import label_map_of
from univariate.common.reading.columns import columns_of
from univariate.common.reading.networks import read_network
from univariate.common.readings import Reading, as_trained, reading_of_net, reading_of_table
from univariate.problem.density import Density
from univariate.problem.draws import draw_sample
from univariate.problem.network import Network, ReluNet
from univariate.problem.network_files import network_of
from univariate.problem.sample import Sample, read_raw, sample_of
from univariate.problem.truth import Truth
from univariate.training.flow import gradient_flow
from univariate.training.starts import init_network
from univariate.training.trajectory import Trajectory

SIZE, NOISE = 20, 0.2
"""What is drawn unless options say otherwise."""


@dataclass(frozen=True)
class TrainOptions:
    """The options of `univariate train`, as typed; None where left out."""

    m: int | None
    p: float | None
    rng: int
    data: Path | None
    delta: float
    start: str | None
    width: int | None
    scale: float | None
    net: Path | None
    loss: str
    method: str
    learning_rate: float | None
    margin: float
    steps: int
    tolerance: float | None
    label_map: str | None = None
    net_key: str | None = None
    columns: str | None = None

    def __post_init__(self) -> None:
        """Refuse options that contradict one another, and numbers out of range."""
        if self.label_map is not None and self.data is None:
            raise ValueError("`label-map` is about the labels of `data`; name a file, or drop it")
        if self.columns is not None and self.data is None:
            raise ValueError("`columns` is about the table `data`; name a file, or drop it")
        if self.net_key is not None and self.net is None:
            raise ValueError("`net-key` is about the file `net`; name one, or drop it")
        check.count("rng", self.rng, least=0)
        check.probability("delta", self.delta, open_interval=True)
        if self.p is not None:
            check.probability("p", self.p)
        if self.data is not None and self.m is not None:
            raise ValueError(
                "`m` must be left out where `data` names a file, which has its own size; drop one"
                " of them"
            )
        if self.net is not None and (self.start, self.width, self.scale) != (None, None, None):
            raise ValueError(
                "`net` must come without `start`, `width` and `scale`, which draw a start; drop"
                " these"
            )
        if self.method == "gd" and self.tolerance is not None:
            raise ValueError(
                "`tolerance` must be left out for `method` gd, whose steps are fixed; set"
                " `learning-rate`"
            )
        if self.method == "flow" and self.learning_rate is not None:
            raise ValueError(
                "`learning-rate` must be left out for `method` flow; set `tolerance`, or choose"
                " method gd"
            )

    @property
    def noise(self) -> float | None:
        """The p that theorems are asked about; None, the share of labels that are not the truth's,
        for data.
        """
        return NOISE if self.p is None and self.data is None else self.p

    @property
    def given(self) -> dict[str, Any]:
        """What a command line needs that gives the same run."""
        names = (
            "rng",
            "delta",
            "width",
            "scale",
            "loss",
            "method",
            "learning_rate",
            "margin",
            "steps",
            "tolerance",
            "label_map",
            "net_key",
            "columns",
        )
        found = {name.replace("_", "-"): getattr(self, name) for name in names}
        files = {"data": self.data, "net": self.net}
        drawn = {"m": self.size if self.data is None else None, "p": self.noise}
        return drawn | files | {"start": self.scheme if self.net is None else None} | found

    @property
    def size(self) -> int:
        """How many observations to draw."""
        return SIZE if self.m is None else self.m

    @property
    def scheme(self) -> str:
        """How to draw the start."""
        return self.start or "spread"

    def problem(
        self, density: Density | None, truth: Truth | None = None
    ) -> tuple[Sample, Network, list[Reading]]:
        """Return the sample and the start, drawn one after the other where they are drawn, and what
        was read of files.
        """
        generator = np.random.default_rng(self.rng)
        read: list[Reading] = []
        if self.data is None:
            rate = NOISE if self.p is None else self.p
            sample = draw_sample(self.size, rate, rng=generator, density=density, truth=truth)
        else:
            rows = read_raw(self.data, columns_of(self.columns))
            sample = sample_of(rows, self.data, label_map_of(self.label_map))
            meant = sample.population(density, truth)
            sample = replace(sample, density=meant.density, truth=meant.truth)
            read.append(reading_of_table(rows))
        if self.net is not None:
            raw = read_network(self.net, self.net_key)  # once, it may be a pipe
            start = network_of(raw)
            heard = reading_of_net(raw, start.layers[-1][0].shape[1])
            return sample, start, [as_trained(heard, start, raw.layers), *read]
        scale = 1.0 if self.scale is None else self.scale
        start = init_network(
            sample, scheme=self.scheme, width=self.width, scale=scale, rng=generator
        )
        return sample, start, read

    def run(
        self, start: Network, sample: Sample, resumed: Trajectory | None, *, progress: bool
    ) -> Trajectory:
        """Train, or go on."""
        options: dict[str, Any] = {"tolerance": self.tolerance, "learning_rate": self.learning_rate}
        return gradient_flow(
            start if resumed is None else resumed.net,
            sample,
            loss=self.loss,
            method=self.method,
            margin=self.margin,
            steps=self.steps,
            resume=resumed,
            progress=progress,
            **{name: value for name, value in options.items() if value is not None},
        )

    def words(self, start: ReluNet) -> str:
        """Say where training began."""
        scale = 1.0 if self.scale is None else self.scale
        name = f"{self.scheme}, scale {scale:g}" if self.net is None else str(self.net)
        return f"{name}, width {start.width}, ‖θ‖² = {start.norm_squared:.5g}"
