"""The command `univariate audit`: a net from a file, examined on data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from univariate.cli import arguments
from univariate.cli.output import publish_report, save_better
from univariate.common import check
from univariate.common.console import working
from univariate.common.delivery import Delivery
from univariate.common.labels import label_map_of
from univariate.common.outputs import require_endings
from univariate.common.program import command_line
from univariate.common.reading.columns import columns_of
from univariate.common.reading.networks import read_network
from univariate.common.readings import document_of, reading_of_net, reading_of_table, say
from univariate.problem.network_files import network_of
from univariate.problem.sample import read_raw, sample_of
from univariate.report.report import build_report

_PATIENCE: Final = "Solving (the first run compiles, which takes a while)"


@dataclass(frozen=True)
class AuditOptions:
    """What is examined, and what is known of it."""

    net: Path
    data: Path
    p: float | None
    delta: float
    density: str | None
    truth: str | None
    label_map: str | None
    columns: str | None
    net_key: str | None

    @property
    def origin(self) -> dict[str, str]:
        """The command, and the files as they were typed: several runs may call theirs alike."""
        named = {"net": self.net, "data": self.data}
        others = {name: value for name, value in vars(self).items() if name not in named}
        given = {name.replace("_", "-"): value for name, value in others.items()}
        line = command_line("univariate", "audit", given, *named.values())
        return {"command": line, "net": str(self.net), "data": str(self.data)}


def audit(options: AuditOptions, where: Delivery, *, save_witness: Path | None) -> None:
    """Examine a net on data, both from files, and publish."""
    asked: dict[str, Any] = {
        "delta": check.probability("delta", options.delta, open_interval=True),
        "p": None if options.p is None else check.probability("p", options.p),
        "density": arguments.density(options.density),
        "truth": arguments.truth(options.truth),
    }
    require_endings("save_witness", save_witness, [".npz"])
    files = {"net": options.net, "data": options.data}
    where.prepare(where.products("audit"), {"save_witness": save_witness}, read=files)
    signs_of = label_map_of(options.label_map)
    names = columns_of(options.columns)
    with working(_PATIENCE):
        raw = read_network(options.net, options.net_key)  # once, it may be a pipe
        network = network_of(raw)
        rows = read_raw(options.data, names)
        sample = sample_of(rows, options.data, signs_of)
        read = [
            reading_of_net(raw, network.layers[-1][0].shape[1]),
            reading_of_table(rows),
        ]
        origin = options.origin | document_of(read)
        found = build_report(network, sample, origin=origin, **asked)
    with where.turn("audit", named=[save_witness]):
        written = [] if save_witness is None else save_better(found, save_witness)
        say(read)
        publish_report(found, where, "audit", written=written)
