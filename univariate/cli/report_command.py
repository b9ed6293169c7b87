"""The command `univariate report`: one drawn sample, or a study of a grid of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from univariate.cli.output import publish_report
from univariate.cli.study_command import study
from univariate.cli.train_command import require_trainable, train_beside
from univariate.common import check
from univariate.common.console import working
from univariate.common.delivery import Delivery
from univariate.common.outputs import require_endings
from univariate.common.program import command_line
from univariate.optimum.max_margin import max_margin
from univariate.problem.density import Density
from univariate.problem.draws import draw_sample, require_drawable
from univariate.problem.population import Population
from univariate.problem.truth import Truth
from univariate.report.report import build_report, save_solution

PATIENCE: Final = "Solving (the first run compiles, which takes a while)"
MOST_CELLS: Final = 100_000
"""Samples of a study; more are a slip of the keyboard."""


@dataclass(frozen=True)
class ReportOptions:
    """The options of `univariate report`, read; `given` as typed, for the command line kept."""

    sizes: Sequence[int]
    rates: Sequence[float]
    rng: int
    seeds: int
    delta: float
    density: Density | None
    truth: Truth | None
    trained: bool
    save_net: Path | None
    save_sample: Path | None
    given: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse what contradicts itself or takes for ever, before anything is drawn."""
        if self.cells > MOST_CELLS:
            raise ValueError(
                f"`seeds` must leave at most {MOST_CELLS:,} samples, got {self.cells:,}; lower it,"
                " or shorten the lists"
            )
        if self.cells > 1 and (self.save_net or self.save_sample):
            raise ValueError(
                "`save_net` and `save_sample` need one m, one p and one seed; drop them or the"
                " lists"
            )
        require_drawable("m", max(self.sizes))
        if self.trained:
            require_trainable(max(self.sizes))
        require_endings("save_net", self.save_net, [".npz"])
        require_endings("save_sample", self.save_sample, [".csv", ".npz"])

    @property
    def cells(self) -> int:
        """How many samples are asked for."""
        return len(self.sizes) * len(self.rates) * self.seeds


def report(options: ReportOptions, where: Delivery) -> None:
    """Report on one sample, or study the grid."""
    if options.cells == 1:
        _report(options, where)
        return
    grid = options.sizes, options.rates, range(options.rng, options.rng + options.seeds)
    given = {**options.given, "seeds": options.seeds}
    del given["delta"]  # about the events of one sample
    about = {"command": command_line("univariate", "report", given)}
    population = Population.of(options.density, options.truth)
    study(grid, where, population=population, origin=about, trained=options.trained)


def _report(options: ReportOptions, where: Delivery) -> None:
    files = {"save_net": options.save_net, "save_sample": options.save_sample}
    where.prepare(where.products("report"), files)
    generator = check.generator(options.rng)
    rate = options.rates[0]
    told: dict[str, Any] = {"density": options.density, "truth": options.truth}
    with working(PATIENCE):
        sample = draw_sample(options.sizes[0], rate, rng=generator, **told)
        best = max_margin(sample)
    shared: dict[str, Any] = {"p": rate, "delta": options.delta, "optimum": best}
    beside = train_beside(sample, generator, shared) if options.trained else None
    with working(PATIENCE):
        line = command_line("univariate", "report", options.given)
        origin = {"command": line, "seed": options.rng}
        found = build_report(best.net, sample, origin=origin, trained=beside, **shared)
    with where.turn("report", named=files.values()):
        written = [] if options.save_net is None else [save_solution(found, options.save_net)]
        if options.save_sample is not None:
            sample.save(options.save_sample)
            written.append(options.save_sample)
        publish_report(found, where, "report", written=written)
