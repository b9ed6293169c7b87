"""The command `univariate`: report on a drawn sample, study a grid of them, train a network, audit
one on data.

Packages that take long to load are imported inside the commands, so that `--help` answers at once.
"""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from univariate.common.console import (
    NoFigure,
    Out,
    application,
    command_line,
    folder as folder_of,
    guarded,
    inform,
    run as run_app,
    working,
)

_PATIENCE: Final = "Solving (the first run compiles, which takes a while)"


def _version() -> str:
    from univariate import __version__

    return __version__


app = application(
    "univariate",
    "Exact clean errors, max-margin solutions and certificates for ReLU nets of a scalar input.",
    _version,
)

Sizes = Annotated[str, typer.Option("--m", help="Sample size, or a comma list for a study.")]
Rates = Annotated[
    str, typer.Option("--p", help="Noise level in [0, 1], or a comma list for a study.")
]
Seed = Annotated[int, typer.Option("--rng", help="Seed; a study uses it and the following ones.")]
Seeds = Annotated[
    int, typer.Option("--seeds", help="Samples per m and p; more than one makes a study.")
]
Delta = Annotated[
    float, typer.Option("--delta", help="Failure probability of the sample events, in (0, 1).")
]
Density = Annotated[
    str | None,
    typer.Option(
        "--density",
        help="Density of x: a scipy.stats name, e.g. 'beta(2, 5)'; uniform if left out.",
    ),
]


@app.command()
@guarded
def report(  # noqa: PLR0913, PLR0917 (one parameter per option)
    m: Sizes = "1000",
    p: Rates = "0.1",
    rng: Seed = 0,
    seeds: Seeds = 1,
    delta: Delta = 0.05,
    density: Density = None,
    out: Out = Path(),
    save_net: Annotated[
        Path | None, typer.Option(help="Write the net, multipliers and error set as .npz.")
    ] = None,
    save_sample: Annotated[
        Path | None, typer.Option(help="Write the sample as .csv or .npz.")
    ] = None,
    trained: Annotated[
        bool, typer.Option("--trained", help="Train a net by gradient flow beside it.")
    ] = False,
    no_figure: NoFigure = False,
) -> None:
    """Draw a sample, solve for its max-margin net, certify it, and report: report.json and
    report.png.

    With comma lists of m or p, or several seeds, study the grid instead: study.csv, study.json and
    study.png. A study can be interrupted; the same command continues it.
    """
    from univariate.cli import arguments
    from univariate.common import check

    sizes = arguments.counts("m", m)
    rates = arguments.probabilities("p", p)
    seeds = check.count("seeds", seeds)
    rng = check.count("rng", rng, least=0)
    delta = check.probability("delta", delta, open_interval=True)
    frozen = arguments.density(density)
    folder = folder_of("out", out)
    given: dict[str, Any] = {
        "m": m,
        "p": p,
        "rng": rng,
        "delta": delta,
        "density": density,
        "trained": trained,
    }
    if len(sizes) * len(rates) * seeds > 1:
        if save_net or save_sample or trained:
            raise ValueError(
                "`save-net` and `save-sample` need one m, one p and one seed, and so does"
                " `trained`; drop them or the lists"
            )
        from univariate.cli.study_command import study

        grid = sizes, rates, range(rng, rng + seeds)
        about = {"command": command_line("univariate", "report", given | {"seeds": seeds})}
        study(grid, folder, density=frozen, origin=about, figure=not no_figure)
        return
    from univariate.cli.output import publish_report
    from univariate.cli.train_command import require_trainable, train_beside
    from univariate.optimum.max_margin import max_margin
    from univariate.problem.sample import draw_sample
    from univariate.report.report import build_report, save_solution

    if trained:
        require_trainable(sizes[0])
    generator = check.generator(rng)
    with working(_PATIENCE):
        sample = draw_sample(sizes[0], rates[0], rng=generator, density=frozen)
        best = max_margin(sample)
    options: dict[str, Any] = {"p": rates[0], "delta": delta, "density": frozen, "optimum": best}
    beside = train_beside(sample, generator, options) if trained else None
    with working(_PATIENCE):
        origin = {"command": command_line("univariate", "report", given), "seed": rng}
        found = build_report(best.net, sample, origin=origin, trained=beside, **options)
    written = [save_solution(found, save_net)] if save_net else []
    if save_sample:
        sample.save(save_sample)
        written.append(save_sample)
    publish_report(found, folder, "report", figure=not no_figure, written=written)


@app.command()
@guarded
def train(  # noqa: PLR0913, PLR0917 (one parameter per option)
    m: Annotated[
        int | None, typer.Option("--m", help="Sample size to draw; 20 if left out.")
    ] = None,
    p: Annotated[
        float | None,
        typer.Option(
            "--p", help="Noise level; if left out 0.2, or the share of labels −1 of the data."
        ),
    ] = None,
    rng: Annotated[int, typer.Option("--rng", help="Seed of the sample and of the start.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Data instead: .csv with columns x, y, or .npz.")
    ] = None,
    delta: Delta = 0.05,
    density: Density = None,
    start: Annotated[
        str | None, typer.Option(help="Start: spread, if left out, or pytorch.")
    ] = None,
    width: Annotated[
        int | None, typer.Option(help="Neurons of a pytorch start; 4 (m + 1) if left out.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Size of the start; 1 if left out.")] = None,
    net: Annotated[
        Path | None, typer.Option(help="Network to start from instead: .npz, .pt or .pth.")
    ] = None,
    loss: Annotated[str, typer.Option(help="logistic or exponential.")] = "logistic",
    method: Annotated[
        str, typer.Option(help="flow (gradient flow) or gd (gradient descent).")
    ] = "flow",
    learning_rate: Annotated[float | None, typer.Option(help="Of gd; 0.1 if left out.")] = None,
    margin: Annotated[float, typer.Option(help="Stop at this smallest margin.")] = 100.0,
    steps: Annotated[int, typer.Option(help="Stop after so many steps.")] = 20_000,
    tolerance: Annotated[
        float | None, typer.Option(help="Error of a step of the flow; 0.1 if left out.")
    ] = None,
    out: Out = Path(),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder.")
    ] = False,
    film: Annotated[bool, typer.Option("--film", help="Write train.gif, an animation.")] = False,
    no_figure: NoFigure = False,
) -> None:
    """Train a network by gradient flow, find the KKT point it leads to, and certify that.

    Writes train.json and train.png, the run as train.npz with sample.npz, and as net.npz the KKT
    point, or the end of the run where it has none. Ctrl-C keeps the run; the same command with
    --resume goes on.
    """
    from univariate.cli import arguments
    from univariate.cli.train_command import train as run
    from univariate.cli.train_options import TrainOptions

    options = TrainOptions(
        m,
        p,
        rng,
        data,
        delta,
        start,
        width,
        scale,
        net,
        loss,
        method,
        learning_rate,
        margin,
        steps,
        tolerance,
    )
    frozen = arguments.density(density)
    folder = folder_of("out", out)
    origin: dict[str, Any] = {
        "command": command_line("univariate", "train", options.given | {"density": density}),
        "seed": rng,
    }
    run(
        options,
        folder,
        density=frozen,
        origin=origin,
        resume=resume,
        figure=not no_figure,
        animated=film,
    )


@app.command()
@guarded
def audit(
    net: Annotated[
        Path,
        typer.Argument(
            help="Network: .npz, or a PyTorch state_dict, .pt or .pth; ReLU is assumed."
        ),
    ],
    data: Annotated[
        Path, typer.Argument(help="Data: .csv with columns x, y, or .npz of arrays x, y.")
    ],
    p: Annotated[
        float | None, typer.Option(help="Noise level; the share of labels −1 if left out.")
    ] = None,
    delta: Delta = 0.05,
    density: Density = None,
    out: Out = Path(),
    save_witness: Annotated[
        Path | None, typer.Option(help="Write the net that refutes a level as .npz.")
    ] = None,
    no_figure: NoFigure = False,
) -> None:
    """Ask the same questions about your own network and data: audit.json and audit.png."""
    from univariate.cli import arguments
    from univariate.common import check

    delta = check.probability("delta", delta, open_interval=True)
    rate = None if p is None else check.probability("p", p)
    frozen = arguments.density(density)
    folder = folder_of("out", out)
    from univariate.cli.output import publish_report, save_better
    from univariate.common.torch_layers import layers_in_words
    from univariate.problem.network import load_network
    from univariate.problem.sample import Sample
    from univariate.report.report import build_report

    with working(_PATIENCE):
        network = load_network(net)
        sample = Sample.load(data)
        given = {"p": p, "delta": delta, "density": density}
        origin = {
            "command": command_line("univariate", "audit", given, net.name, data.name),
            "net": net.name,
            "data": data.name,
        }
        found = build_report(network, sample, p=rate, delta=delta, density=frozen, origin=origin)
    written = [] if save_witness is None else save_better(found, save_witness)
    inform(layers_in_words(net))
    publish_report(found, folder, "audit", figure=not no_figure, written=written)


def main() -> None:
    """Run the command line; the console entry point."""
    run_app(app)
