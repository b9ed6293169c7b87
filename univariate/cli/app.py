"""The command `univariate`: report on a drawn sample, study a grid of them, train a network, audit
one on data.

Packages that take long to load are imported inside the commands, so that `--help` answers at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from univariate.cli.options import ColumnNames, Delta, Density, Rates, Seed, Seeds, Sizes, Truth
from univariate.common.delivery import Delivery
from univariate.common.help import OneLineCommand
from univariate.common.options import (
    FigureFormat,
    Format,
    Json,
    LabelMapping,
    NetFile,
    NetKey,
    NoFigure,
    Out,
    Overwrite,
    Quiet,
)
from univariate.common.program import application, command_line, guarded, run as run_app

app = application(
    "univariate",
    "Exact clean errors, max-margin solutions and certificates for ReLU nets of a scalar input.",
)


@app.command(cls=OneLineCommand)
@guarded(path="out")
def report(  # noqa: PLR0913, PLR0917 (one parameter per option)
    context: typer.Context,
    m: Sizes = "1000",
    p: Rates = "0.1",
    rng: Seed = 0,
    seeds: Seeds = 1,
    delta: Delta = 0.05,
    density: Density = None,
    truth: Truth = None,
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
    json: Json = None,
    figure_format: Format = FigureFormat.PNG,
    no_figure: NoFigure = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Draw a sample, find its max-margin net, certify it, and report.

    Writes report.json and report.png. With comma lists of --m or --p, or several --seeds, it
    studies the grid instead: study.csv, study.json and study.png. A study can be interrupted, and
    the same command goes on. The exact clean error, what is proved about the net, and Theorems 3.1
    and 3.2 with their hypotheses are shown on the screen; of a study, the bounds of Theorem 3.2
    realised on the gaps and labels of the samples, means over seeds.
    """
    from univariate.cli import arguments
    from univariate.cli.report_command import ReportOptions, report as run
    from univariate.common import check

    options = ReportOptions(
        sizes=arguments.counts("m", m),
        rates=arguments.probabilities("p", p),
        rng=check.count("rng", rng, least=0),
        seeds=check.count("seeds", seeds),
        delta=check.probability("delta", delta, open_interval=True),
        density=arguments.density(density),
        truth=arguments.truth(truth),
        trained=trained,
        save_net=save_net,
        save_sample=save_sample,
        given={
            "m": m,
            "p": p,
            "rng": rng,
            "delta": delta,
            "density": density,
            "truth": truth,
            "trained": trained,
        },
    )
    source = context.get_parameter_source("delta")
    if options.cells > 1 and source is not None and source.name == "COMMANDLINE":
        raise ValueError(
            f"`delta` must be left out of a study, got {delta:g}; drop it, or the lists and `seeds`"
        )
    run(options, Delivery(out, json, not no_figure, figure_format.value, overwrite))


@app.command(cls=OneLineCommand)
@guarded(path="out")
def compare(  # noqa: PLR0913, PLR0917 (one parameter per option)
    makers: Annotated[
        list[str],
        typer.Argument(
            help="What to compare: max-margin, minimum-norm, 5-nn, nw:1.5, or file.py:function,"
            " your own function from a sample to a net."
        ),
    ],
    m: Sizes = "100,1000",
    p: Rates = "0.1,0.2,0.3",
    rng: Seed = 0,
    seeds: Seeds = 5,
    density: Density = None,
    truth: Truth = None,
    n_jobs: Annotated[int, typer.Option("--n-jobs", help="Processes, one thread each.")] = 1,
    out: Out = Path(),
    figure_format: Format = FigureFormat.PNG,
    no_figure: NoFigure = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Compare exact clean errors of rules, and of nets that your own function makes, over a grid.

    Writes comparison.csv and comparison.png. It can be interrupted, and the same command goes on;
    rows know the function that made them, and one that has changed needs a new name. When it ends,
    rows stand by m, p, seed and in the order of the makers, for any number of jobs.

    Every run of your function starts from states of random, np.random and PyTorch that depend on m,
    p, the seed and its name alone: seeds set outside of it change nothing, and a generator that
    lies outside goes on from run to run, so take the parameter rng. Not seen are changes in files,
    environment variables and installed packages that it reads: rename the function, or choose
    another folder.
    """
    from univariate.cli import arguments
    from univariate.cli.compare_command import run
    from univariate.cli.makers import makers as makers_of
    from univariate.cli.own_imports import places_kept
    from univariate.common import check
    from univariate.common.files import as_named, steady
    from univariate.common.work import processes
    from univariate.problem.population import Population

    first = check.count("rng", rng, least=0)
    place = steady(out)
    with places_kept():
        found = makers_of(list(dict.fromkeys(makers)))
        folder = as_named(out, place)  # their files may have gone to another one
        run(
            found,
            (
                arguments.counts("m", m),
                arguments.probabilities("p", p),
                range(first, first + check.count("seeds", seeds)),
            ),
            Delivery(folder, None, not no_figure, figure_format.value, overwrite),
            population=Population.of(arguments.density(density), arguments.truth(truth)),
            n_jobs=processes(n_jobs),
        )


@app.command(cls=OneLineCommand)
@guarded(scheme="start", key="net_key")
def train(  # noqa: PLR0913, PLR0917 (one parameter per option)
    m: Annotated[
        int | None, typer.Option("--m", help="Sample size to draw; 20 if left out.")
    ] = None,
    p: Annotated[
        float | None,
        typer.Option(
            "--p",
            help="Noise level; if left out 0.2, or the share of labels against the truth in the"
            " data.",
        ),
    ] = None,
    rng: Annotated[int, typer.Option("--rng", help="Seed of the sample and of the start.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Data instead: a table with columns x, y, or arrays x, y.")
    ] = None,
    label_map: LabelMapping = None,
    columns: ColumnNames = None,
    delta: Delta = 0.05,
    density: Density = None,
    truth: Truth = None,
    start: Annotated[
        str | None, typer.Option(help="Start: spread, if left out, or pytorch.")
    ] = None,
    width: Annotated[
        int | None, typer.Option(help="Neurons of a pytorch start; 4 (m + 1) if left out.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Size of the start; 1 if left out.")] = None,
    net: Annotated[
        Path | None,
        typer.Option(
            help="Network to start from instead: .npz, or a PyTorch state_dict. All its numbers are"
            " trained; biases that it lacks start at 0."
        ),
    ] = None,
    net_key: NetKey = None,
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
    json: Json = None,
    figure_format: Format = FigureFormat.PNG,
    no_figure: NoFigure = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Train a network by gradient flow, find the KKT point it leads to, and certify that.

    Writes train.json and train.png, the run as train.npz with sample.npz, and as net.npz the KKT
    point, or the end of the run where it has none. Ctrl-C and SIGTERM keep the run; the same
    command with --resume goes on.
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
        label_map,
        net_key,
        columns,
    )
    told = {"density": density, "truth": truth, "resume": resume}
    run(
        options,
        Delivery(out, json, not no_figure, figure_format.value, overwrite),
        density=arguments.density(density),
        truth=arguments.truth(truth),
        command=command_line("univariate", "train", options.given | told),
        resume=resume,
        animated=film,
    )


@app.command(cls=OneLineCommand)
@guarded(key="net_key")
def audit(  # noqa: PLR0913, PLR0917 (one parameter per option)
    net: NetFile,
    data: Annotated[
        Path, typer.Argument(help="Data: a table with columns x, y (CSV and its kin), or arrays.")
    ],
    label_map: LabelMapping = None,
    columns: ColumnNames = None,
    net_key: NetKey = None,
    p: Annotated[
        float | None,
        typer.Option(help="Noise level; the share of labels against the truth if left out."),
    ] = None,
    delta: Delta = 0.05,
    density: Density = None,
    truth: Truth = None,
    out: Out = Path(),
    save_witness: Annotated[
        Path | None, typer.Option(help="Write the net that refutes a level as .npz.")
    ] = None,
    json: Json = None,
    figure_format: Format = FigureFormat.PNG,
    no_figure: NoFigure = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Examine your own network on your own data: exact clean error, KKT point, minimum, theorems.

    Decides whether the network interpolates, whether it is a KKT point, a local and the global
    minimum of the max-margin Problem (1), and whether Theorems 3.1 and 3.2 apply and hold. Writes
    audit.json and audit.png.
    """
    from univariate.cli.audit_command import AuditOptions, audit as run

    options = AuditOptions(net, data, p, delta, density, truth, label_map, columns, net_key)
    where = Delivery(out, json, not no_figure, figure_format.value, overwrite)
    run(options, where, save_witness=save_witness)


def main() -> None:
    """Run the command line."""
    run_app(app)
