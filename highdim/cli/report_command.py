"""The commands `highdim report` and `highdim audit`: a net that is trained here, or one from a
file, examined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from highdim.cli.output import publish_report
from highdim.problem.draws import draw_sphere_sample, require_drawable
from highdim.problem.network import Network
from highdim.problem.network_files import network_of
from highdim.problem.recognised import law_of
from highdim.problem.sample import SphereSample, require_dimension, under_law, under_truth
from highdim.problem.sample_files import parts_of, read_raw
from highdim.problem.truth_text import named_truth
from highdim.report.contents import Report
from highdim.report.report import build_report
from highdim.sweeps.presets import protocol_time
from highdim.sweeps.runs import LONGEST_FLOW
from highdim.training.flow import gradient_flow
from highdim.training.starts import init_network, require_place
from highdim.training.trajectory import Trajectory
from univariate.common import check
from univariate.common.console import complain, on_terminal, working
from univariate.common.delivery import Delivery
from univariate.common.home import at_home
from univariate.common.interrupt import default_interrupts
from univariate.common.labels import label_map_of
from univariate.common.outputs import require_endings
from univariate.common.program import command_line
from univariate.common.reading.columns import columns_of
from univariate.common.reading.networks import read_network
from univariate.common.readings import (
    Reading,
    document_of,
    reading_of_net,
    reading_of_table,
    say,
)

MOST_STEPS: Final = 20_000
"""Steps of the flow after which a run ends, whatever its goal."""

MOST_PATIENCE: Final = 500_000
"""Products with the tangent kernel after which a run towards a margin has to get on: some seconds
of processor time for small samples.
"""

_SHORT: Final = ("steps exhausted", "stalled", "dead", "diverged", "no progress")
"""How runs end that have not reached what they were asked for."""

_WAYS_ON: Final = {
    "no progress": "; try a larger --width, or give a --flow-time, to which the flow is followed",
    "dead": "; try another --rng, or a larger --width",
    "steps exhausted": "; try a larger --width",
}
"""What may help after them."""

_PATIENCE: Final = "Certifying (the first run compiles, which takes a while)"


@dataclass(frozen=True)
class ReportOptions:
    """The options of `highdim report`, as typed; None where left out."""

    m: int
    d: int
    p: float
    width: int
    rng: int
    flow_time: float | None
    margin: float | None
    no_bias: bool
    fixed_output: bool
    depth: int
    epsilon: float
    delta: float
    polish: bool
    max_margin: bool
    truth: str | None = None
    law: str | None = None

    def __post_init__(self) -> None:
        """Refuse numbers out of range before anything is drawn."""
        for name, least in (("m", 1), ("d", 2), ("width", 1), ("rng", 0)):
            check.count(name, getattr(self, name), least=least)
        check.probability("p", self.p)
        require_drawable(self.m, self.d)
        for name, goal in (("flow_time", self.flow_time), ("margin", self.margin)):
            if goal is not None and check.real(name, goal) <= 0.0:
                raise ValueError(f"`{name}` must be positive, got {goal}; leave it out")
        if self.flow_time is not None and self.flow_time > LONGEST_FLOW:
            raise ValueError(
                f"`flow_time` must be at most {LONGEST_FLOW:g}, got {self.flow_time:g}; lower it,"
                " or give a `margin`"
            )
        if self.depth not in (2, 3):
            raise ValueError(f"`depth` must be 2 or 3, got {self.depth}; train other nets yourself")
        check.probability("epsilon", self.epsilon, open_interval=True)
        check.probability("delta", self.delta, open_interval=True)
        require_place((self.width, self.width), self.d, self.depth)
        law_of(self.law, self.d)

    def problem(self) -> tuple[SphereSample, Network]:
        """Return the sample and the start, drawn one after the other."""
        generator = np.random.default_rng(self.rng)
        truth = None if self.truth is None else named_truth(self.truth, self.d)
        law = law_of(self.law, self.d)
        sample = draw_sphere_sample(self.m, self.d, self.p, rng=generator, truth=truth, law=law)
        start = init_network(
            self.width,
            self.d,
            depth=self.depth,
            bias=not self.no_bias,
            train_output=not self.fixed_output,
            rng=generator,
        )
        return sample, start

    def run(self, start: Network, sample: SphereSample, *, progress: bool) -> Trajectory:
        """Train until the margin or the flow time asked for; by default until τ = 2000/m, the
        paper's protocol. Without a time the margin may be out of reach, and patience ends.
        """
        neither = self.flow_time is None and self.margin is None
        return gradient_flow(
            start,
            sample,
            flow_time=protocol_time(self.m) if neither else self.flow_time,
            margin=self.margin,
            steps=MOST_STEPS,
            patience=MOST_PATIENCE if self.flow_time is None and not neither else None,
            train_output=not self.fixed_output,
            progress=progress,
        )


def report(
    options: ReportOptions,
    where: Delivery,
    *,
    save_net: Path | None,
    save_sample_to: Path | None,
) -> None:
    """Draw, train, examine, and publish.

    Ctrl-C during training ends the run only: the net is reported as far as it came, and the
    interrupt passes through when everything is written. Later, the files asked for are written.
    """
    require_endings("save_net", save_net, [".npz"])
    require_endings("save_sample", save_sample_to, [".csv", ".npz"])
    files = {"save_net": save_net, "save_sample": save_sample_to}
    where.prepare(where.products("report"), files, read={"truth": _file_of(options.truth)})
    sample, start = options.problem()
    heard = _heard_of_truth(options.truth)
    say(heard)
    with default_interrupts():
        run = options.run(start, sample, progress=on_terminal())
    try:
        found = _reported(run, sample, options, heard)
    except KeyboardInterrupt:
        # training may have taken hours
        with where.turn("report", named=files.values()):
            _saved(run, sample, save_net, save_sample_to)
        kept = f"kept in {save_net}" if save_net is not None else "lost: --save-net keeps it"
        complain(f"there is no report on the trained net, which is {kept}")
        raise
    with where.turn("report", named=files.values()):
        written = _saved(run, sample, save_net, save_sample_to)
        publish_report(found, where, "report", written=written)
    if run.status in _SHORT:
        way_on = _WAYS_ON.get(run.status, "")
        complain(f"training ended before its goal, {run.status}: {run.reason}{way_on}")
    if run.status == "interrupted":
        complain("training was interrupted, the report is about the net at that moment")
        raise KeyboardInterrupt


def _reported(
    run: Trajectory, sample: SphereSample, options: ReportOptions, heard: Sequence[Reading]
) -> Report:
    """Certify where a run ended, and report on it."""
    given = {name.replace("_", "-"): value for name, value in vars(options).items()}
    command = command_line("highdim", "report", given)
    origin = {"command": command, "seed": options.rng, **document_of(heard)}
    with working(_PATIENCE):
        return build_report(
            run.net,
            sample,
            epsilon=options.epsilon,
            delta=options.delta,
            origin=origin,
            rng=options.rng,
            polish=options.polish,
            solve=options.max_margin,
            run=run,
        )


def _saved(
    run: Trajectory, sample: SphereSample, net: Path | None, sample_to: Path | None
) -> list[Path]:
    """Write what options ask for besides the report."""
    written = []
    if net is not None:
        run.net.save(net)
        written.append(net)
    if sample_to is not None:
        sample.save(sample_to)
        written.append(sample_to)
        if sample_to.suffix.lower() == ".csv" and not sample.needs_note:
            complain(f"{sample_to} holds X and y alone: pass --p {sample.p:g} to an audit")
    return written


def audit(
    net: Path,
    data: Path,
    where: Delivery,
    *,
    options: dict[str, Any],
    label_map: str | None = None,
    columns: str | None = None,
    net_key: str | None = None,
    truth: str | None = None,
) -> None:
    """Examine a net on data, both from files, and publish; `options` are those of `build_report`,
    and the law of x, if it is another one than the file says.
    """
    read = {"net": net, "data": data, "truth": _file_of(truth)}
    where.prepare(where.products("audit"), read=read)
    with working(_PATIENCE):
        raw = read_network(net, net_key)  # once, it may be a pipe
        network = network_of(raw)
        meant = columns_of(columns)
        rows = read_raw(data, meant)
        parts = parts_of(data, rows, meant)
        sample = SphereSample.from_arrays(**parts, label_map=label_map_of(label_map))
        if rows.named is not None:
            require_dimension(network, sample, rows.named.way_on())
        heard = [reading_of_net(raw, len(network.v)), reading_of_table(rows)]
        heard += _heard_of_truth(truth)
        given = options | {"label-map": label_map, "columns": columns, "net-key": net_key}
        origin = _origin(net, data, given | {"truth": truth}) | document_of(heard)
        asked = dict(options)
        sample = _under(sample, truth, asked.pop("law", None))
        found = build_report(network, sample, origin=origin, **asked)
    with where.turn("audit"):
        say(heard)
        publish_report(found, where, "audit")


def _under(sample: SphereSample, truth: str | None, law: str | None) -> SphereSample:
    """Return a sample under another truth and law than its file says, where these are given."""
    if truth is not None:
        sample = under_truth(sample, named_truth(truth, sample.dimension))
    return sample if law is None else under_law(sample, law_of(law, sample.dimension))


def _origin(net: Path, data: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Return the command, and the files as they were typed."""
    given = {name: value for name, value in options.items() if name != "solve"}
    given["max-margin"] = options["solve"]
    line = command_line("highdim", "audit", given, net, data)
    return {"command": line, "net": str(net), "data": str(data)}


def _heard_of_truth(truth: str | None) -> list[Reading]:
    """Return what was read of the file of a truth, and what was assumed; nothing without one."""
    file = _file_of(truth)
    return [] if file is None else [reading_of_net(read_network(file), 0, "truth")]


def _file_of(truth: str | None) -> Path | None:
    """Return the file that a truth is read from, if it is."""
    return None if truth is None or not at_home(truth).is_file() else at_home(truth)
