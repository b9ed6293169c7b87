"""From PyTorch's training loop to certificates: train, save state_dicts, audit the files, compare
with a fine grid.

Three float32 networks are trained on one noisy sample by full-batch Adam on the logistic loss until
every margin reaches 0.1 or the steps run out: two layers from PyTorch's own start, two layers from
a start that spreads steep kinks over the gaps of the data, and three layers with all biases.
PyTorch's start for two layers does *not* interpolate this sample within the steps allowed: its
input weights are at most 1, the net must bend within gaps of 0.002. It is audited all the same.

The audit reads only files. It lifts the parameters to float64, which is exact, and sets the exact
clean error against the share of the midpoints of 10⁷ cells at which the same network, evaluated by
torch in double precision, is ≤ 0. The two may differ by half a cell for every sign change of N, and
by nothing else.

The committed table comes from (repository root; writes .pt and .csv files to the folder)

    python -m benchmarks.train_pytorch trained
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

try:
    import torch
    from torch import nn
except ModuleNotFoundError:
    if __name__ != "__main__":
        raise
    print("benchmarks.train_pytorch needs PyTorch; install torch", file=sys.stderr)
    sys.exit(2)

import univariate
from benchmarks import command, frame
from benchmarks.places import some_only

Vector = NDArray[np.float64]

RESULTS = frame.RESULTS / "pytorch.csv"
SAMPLE_FILE = "sample.csv"
SIZE, NOISE = 20, 0.2
MARGIN = 0.1  # training stops when every margin is at least this
CHUNK = 1 << 15  # grid points evaluated at a time


class Recipe(NamedTuple):
    """How one network is made."""

    name: str
    depth: int
    width: int
    start: str  # "PyTorch" or "spread"
    learning_rate: float

    def build(self) -> nn.Sequential:
        """Return the untrained module, PyTorch's own initialisation."""
        if self.depth == 2:
            return nn.Sequential(
                nn.Linear(1, self.width), nn.ReLU(), nn.Linear(self.width, 1, bias=False)
            )
        hidden = [nn.Linear(self.width, self.width), nn.ReLU()]
        return nn.Sequential(nn.Linear(1, self.width), nn.ReLU(), *hidden, nn.Linear(self.width, 1))


RECIPES = (
    Recipe("two-layers", 2, 100, "PyTorch", 0.03),
    Recipe("two-layers-spread", 2, 100, "spread", 0.03),
    Recipe("three-layers", 3, 64, "PyTorch", 0.01),
)


@dataclass(frozen=True)
class Row(frame.Row):
    """One trained network and its audit."""

    DIGITS: ClassVar = {"training_seconds": 3, "exact_seconds": 3, "grid_seconds": 3}

    network: str
    start: str
    parameters: int
    steps: int
    loss: float
    interpolates: str  # verdict, decided in rational arithmetic where needed
    smallest_margin: float
    clean_error: float  # exact, rounded once
    low: float
    high: float
    crossings: int  # sign changes of N in (0, 1)
    grid: float  # share of grid points with N ≤ 0
    difference: float
    resolution: float  # crossings × spacing: what the grid can be off by
    agrees: bool
    nearest_neighbour: float
    global_minimum: str  # verdict on Problem (1)
    norm_ratio: float  # ‖θ‖² at margin 1 over the norm² of the max-margin net found
    theorem_3_1: str
    theorem_3_2: str
    training_seconds: float
    exact_seconds: float
    grid_seconds: float
    torch: str


def draw_float32_sample(seed: int) -> univariate.Sample:
    """Draw the sample and round its inputs to float32, so that file and training see the same
    numbers.
    """
    sample = univariate.draw_sample(SIZE, NOISE, rng=seed)
    return univariate.Sample.from_arrays(sample.x.astype(np.float32), sample.y)


def spread_kinks(module: nn.Sequential, x: torch.Tensor) -> None:
    """Give every gap of the data its share of steep kinks, w = ±30 at random; the output weights
    stay.
    """
    first: Any = module[0]
    width = len(first.bias)
    gap = torch.arange(width) % (len(x) - 1)
    kinks = x[gap] + (x[gap + 1] - x[gap]) * torch.rand(width)
    with torch.no_grad():
        first.weight[:, 0] = torch.where(torch.rand(width) < 0.5, -30.0, 30.0)
        first.bias.copy_(-kinks * first.weight[:, 0])


def train(
    recipe: Recipe, sample: univariate.Sample, steps: int, seed: int
) -> tuple[nn.Sequential, int, float]:
    """Train until every margin reaches `MARGIN`; return the module, the steps taken and the mean
    loss.
    """
    torch.manual_seed(seed)
    x, y = (torch.tensor(part, dtype=torch.float32) for part in (sample.x, sample.y))
    module = recipe.build()
    if recipe.start == "spread":
        spread_kinks(module, x)
    optimiser = torch.optim.Adam(module.parameters(), recipe.learning_rate)
    loss = torch.tensor(0.0)
    step = 0
    for step in range(steps + 1):
        margins = y * module(x[:, None])[:, 0]
        loss = nn.functional.softplus(-margins).mean()
        if step == steps or margins.min() >= MARGIN:
            break
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return module, step, float(loss.detach())


def evaluator(recipe: Recipe, path: Path) -> Callable[[Vector], Vector]:
    """Return N as torch evaluates it in double precision, its parameters read from a file."""
    module = recipe.build()
    module.load_state_dict(torch.load(path, weights_only=True))
    module.double()

    def evaluate(points: Vector) -> Vector:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(points)[:, None])[:, 0].numpy())

    return evaluate


def grid_clean_error(evaluate: Callable[[Vector], Vector], points: int) -> float:
    """Return the share of the midpoints of `points` equal cells of [0, 1] at which N ≤ 0.

    Cost O(points · n).
    """
    wrong = 0
    for first in range(0, points, CHUNK):
        middles = (np.arange(first, min(first + CHUNK, points)) + 0.5) / points
        wrong += int(np.count_nonzero(evaluate(middles) <= 0.0))
    return wrong / points


def crossings(error: univariate.CleanError) -> int:
    """Return how many ends of the intervals of {N ≤ 0} lie strictly inside (0, 1)."""
    return int(np.count_nonzero((error.intervals > 0.0) & (error.intervals < 1.0)))


def files_of(folder: Path) -> list[Path]:
    """Return what is written to a folder."""
    return [folder / SAMPLE_FILE, *(folder / f"{recipe.name}.pt" for recipe in RECIPES)]


def compute(folder: Path, *, seed: int = 1, steps: int = 8_000, points: int = 10**7) -> list[Row]:
    """Train all recipes, write state_dicts and sample to `folder`, and audit the files."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_float32_sample(seed).save(folder / SAMPLE_FILE)
    rows = []
    for recipe in RECIPES:
        start = perf_counter()
        module, taken, loss = train(
            recipe, univariate.Sample.load(folder / SAMPLE_FILE), steps, seed
        )
        seconds = perf_counter() - start
        torch.save(module.state_dict(), folder / f"{recipe.name}.pt")
        rows.append(
            audit(
                recipe, folder, points, {"steps": taken, "loss": loss, "training_seconds": seconds}
            )
        )
    return rows


def audit(recipe: Recipe, folder: Path, points: int, training: dict[str, Any]) -> Row:
    """Load a network and the sample from file, and compare the exact clean error with a grid of
    `points` midpoints.
    """
    path = folder / f"{recipe.name}.pt"
    net = univariate.load_network(path)
    sample = univariate.Sample.load(folder / SAMPLE_FILE)
    error = univariate.clean_error(net)  # also compiles
    start = perf_counter()
    univariate.clean_error(net)
    middle = perf_counter()
    grid = grid_clean_error(evaluator(recipe, path), points)
    end = perf_counter()
    fit = univariate.interpolates(net, sample)
    resolution = crossings(error) / points
    return Row(
        network=recipe.name,
        start=recipe.start,
        parameters=sum(weight.size + bias.size for weight, bias in net.layers)
        - (recipe.depth == 2),
        **training,
        interpolates=fit.verdict.value,
        smallest_margin=fit.margin,
        **{name: getattr(error, name) for name in ("low", "high")},
        clean_error=error.value,
        crossings=crossings(error),
        grid=grid,
        difference=error.value - grid,
        resolution=resolution,
        agrees=error.low - resolution <= grid <= error.high + resolution,
        nearest_neighbour=univariate.nearest_neighbour_clean_error(sample).value,
        **_standing(net, sample),
        exact_seconds=middle - start,
        grid_seconds=end - middle,
        torch=torch.__version__,
    )


def table(rows: list[Row]) -> Table:
    """Return the comparison, one line per network."""
    nearest = f"1-nearest-neighbour clean error {rows[0].nearest_neighbour:.6f}"
    title = f"Trained by PyTorch {rows[0].torch}, audited from file; {nearest}"
    lines = []
    for row in rows:
        off = f"{-row.difference:+.1e}"
        numbers = (
            f"{row.clean_error:.12f}",
            off if row.agrees else f"[red]{off}",
            f"{row.resolution:.0e}",
            f"{row.norm_ratio:.1f}" if row.norm_ratio else "–",
        )
        lines.append((row.network, f"{row.steps:,}", row.interpolates, *numbers))
    names = ("network", "steps", "interpolates", "exact L_cl", "grid off by", "allowed")
    return frame.table(title, (*names, "‖θ‖²/‖θ*‖²"), lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, audit, print and store; the exit status is 1 if some grid disagrees, 2 if
    somebody else's files are in the way.
    """
    chosen = command.options(
        "train_pytorch",
        "Train in PyTorch, audit from file.",
        arguments,
        positional="where the .pt files and the sample go",
        seed=(1, "of the sample and of torch"),
        steps=(8_000, "most steps per network"),
        points=(10**7, "grid points"),
        store=(RESULTS, "the .csv file"),
    )
    others = some_only(files_of(chosen.folder))
    if others:
        return command.refuse(chosen, command.foreign(others))
    console = Console()
    torch.set_num_threads(1)  # these networks are too small to share
    start = perf_counter()
    rows = compute(chosen.folder, seed=chosen.seed, steps=chosen.steps, points=chosen.points)
    frame.write(rows, chosen.store)
    console.print(table(rows))
    console.print(f"{perf_counter() - start:.1f} s in all")
    return 0 if all(row.agrees for row in rows) else 1


def _standing(net: univariate.Network, sample: univariate.Sample) -> dict[str, Any]:
    """Verdicts of both theorems and on global minimality; the norm ratio is 0 where Problem (1)
    does not apply.
    """
    optimum = univariate.max_margin(sample)
    verdicts: dict[str, Any] = {
        "theorem_3_1": univariate.theorem_3_1(net, sample, p=NOISE, optimum=optimum).verdict.value,
        "theorem_3_2": univariate.theorem_3_2(net, sample, p=NOISE, optimum=optimum).verdict.value,
    }
    if not isinstance(net, univariate.ReluNet):
        return {**verdicts, "global_minimum": "not a 2-layer net", "norm_ratio": 0.0}
    found = univariate.global_minimum_certificate(net, sample, optimum=optimum)
    ratio = found.norm_squared / optimum.norm_squared if found.worst_margin > 0.0 else 0.0
    return {**verdicts, "global_minimum": found.verdict.value, "norm_ratio": ratio}


if __name__ == "__main__":
    sys.exit(main())
